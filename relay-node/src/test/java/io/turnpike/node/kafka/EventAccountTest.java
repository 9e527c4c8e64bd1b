package io.turnpike.node.kafka;

import static io.turnpike.node.kafka.SampleEvents.allocation;
import static io.turnpike.node.kafka.SampleEvents.created;
import static io.turnpike.node.kafka.SampleEvents.ended;
import static io.turnpike.node.kafka.SampleEvents.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.node.event.BillableRule;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.EventTally;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.NodeState;
import io.turnpike.node.event.NodeStatusReported;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.kafka.FakeKafka.Answer;
import io.turnpike.testing.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node says of its events is what arrives, however Kafka answers. */
class EventAccountTest {
    private static final Instant NOON = SampleEvents.NOW;
    private static final Instant ELEVEN = NOON.minusSeconds(3_600);
    private static final Duration INTERVAL = Duration.ofSeconds(71);
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path dir;

    private final EventBuffer buffer = new EventBuffer(1024);
    private final FakeKafka kafka = new FakeKafka();
    private EventAccount account;
    private EventPublisher publisher;
    private final ManualClock clock = new ManualClock(NOON);
    private long nanos = 1;

    @BeforeEach
    void open() throws IOException {
        open(1 << 20);
    }

    private void open(long spoolBytes) throws IOException {
        account = new EventAccount(buffer.tally(), clock, INTERVAL);
        AvroMapping mapping = new AvroMapping(new NodeIdentity("n1", 7, 99),
                () -> new PublisherFigures(true, 0, 0, Map.of(), account.statement()));
        publisher = new EventPublisher(buffer, account, mapping, Spool.open(dir, spoolBytes), kafka, () -> true,
                () -> nanos);
    }

    @Test
    void countsEachEventInTheHourInWhichItBegins() throws IOException {
        steps(1); // now it knows that Kafka answers
        buffer.offer(created(1));
        buffer.offer(sampled(1, NOON.minusSeconds(5), NOON.plusSeconds(5), 10));
        buffer.offer(sampled(1, NOON.plusSeconds(5), NOON.plusSeconds(15), 20));
        buffer.offer(reported("acme", 1));
        buffer.offer(ended(1, 3));
        steps(2);

        assertThat(account.statement().hours()).containsExactly(new EventTally.Hour(ELEVEN, 1, 0),
                new EventTally.Hour(NOON, 3, 0));
        assertThat(account.statement().countedThrough()).isEqualTo(clock.instant().minus(INTERVAL));
        assertThat(account.statement().closed()).isFalse();
    }

    @Test
    void saysNothingOfTheTimeOfWhichSomethingWaits() throws IOException {
        steps(1);
        Instant before = account.statement().countedThrough();
        kafka.answer = Answer.FAIL;
        buffer.offer(ended(9, 1));
        steps(2); // now it knows that Kafka is away
        clock.advance(Duration.ofSeconds(1_000));
        buffer.offer(sampled(1, NOON, NOON.plusSeconds(10), 10));
        buffer.offer(sampled(1, NOON.plusSeconds(10), NOON.plusSeconds(20), 20));
        steps(2);
        assertThat(account.statement().countedThrough()).isEqualTo(before);
        assertThat(account.statement().hours()).containsExactly(new EventTally.Hour(NOON, 1, 0));

        kafka.answer = Answer.ARRIVE;
        nanos += 2 * SECOND;
        steps(5);
        assertThat(account.statement().countedThrough()).isEqualTo(clock.instant().minus(INTERVAL));
        assertThat(account.statement().hours()).as("the replaced sample is not expected")
                .containsExactly(new EventTally.Hour(NOON, 2, 0));
        assertThat(kafka.arrived()).containsExactlyInAnyOrder("ENDED 9", "sample 1 20");
    }

    @Test
    void aSampleThatReplacesOthersBeginsWhereTheyBegan() throws IOException {
        kafka.answer = Answer.FAIL;
        buffer.offer(ended(9, 1));
        steps(2);
        buffer.offer(sampled(1, NOON.minusSeconds(5), NOON.plusSeconds(5), 10));
        buffer.offer(sampled(1, NOON.plusSeconds(5), NOON.plusSeconds(15), 20));
        steps(1);
        buffer.offer(sampled(2, NOON.minusSeconds(7), NOON.plusSeconds(5), 10));
        steps(1);
        buffer.offer(new UsageSampled(NOON.plusSeconds(8), allocation(2), 2, NOON.plusSeconds(5), count(30), count(30),
                count(30), count(30), BillableRule.BOTH_DIRECTIONS, Map.of(), 1, true));
        steps(1);
        kafka.answer = Answer.ARRIVE;
        nanos += 2 * SECOND;
        steps(5);

        assertThat(kafka.samples()).extracting(UsageSnapshot::getIntervalStart)
                .containsExactlyInAnyOrder(NOON.minusSeconds(5), NOON.minusSeconds(7));
        assertThat(account.statement().hours()).contains(new EventTally.Hour(ELEVEN, 2, 0));
    }

    @Test
    void aSampleThatWasCountedGoesOutAgainAsItIs() throws IOException {
        steps(1);
        kafka.answer = Answer.FAIL;
        buffer.offer(sampled(1, NOON, NOON.plusSeconds(10), 10));
        steps(2);
        buffer.offer(sampled(1, NOON.plusSeconds(10), NOON.plusSeconds(20), 20));
        steps(1);
        kafka.answer = Answer.ARRIVE;
        nanos += 2 * SECOND;
        steps(4);

        assertThat(kafka.arrived()).containsExactlyInAnyOrder("sample 1 10", "sample 1 20");
        assertThat(account.statement().hours()).containsExactly(new EventTally.Hour(NOON, 2, 0));
        assertThat(publisher.depth()).isZero();
    }

    @Test
    void whatIsGivenUpStaysExpectedAndIsSaid() throws IOException {
        open(0);
        kafka.answer = Answer.FAIL;
        buffer.offer(ended(1, 1));
        steps(3);
        assertThat(account.statement().hours()).containsExactly(new EventTally.Hour(NOON, 1, 1));
    }

    @Test
    void aRefusedEventIsExpectedToo() {
        for (int i = 0; i < 2_000; i++) {
            buffer.offer(created(i));
        }
        EventTally.Hour hour = account.statement().hours().get(0);
        assertThat(hour.events()).isEqualTo(hour.givenUp()).isPositive();
    }

    @Test
    void theLastHeartbeatSaysThatItIsAll() throws IOException {
        steps(1);
        buffer.offer(sampled(1, NOON, NOON.plusSeconds(10), 10));
        buffer.offer(stopped());
        publisher.finish();

        NodeStatus last = kafka.heartbeats().get(kafka.heartbeats().size() - 1);
        assertThat(last.getClosed()).isTrue();
        assertThat(last.getHours()).singleElement().satisfies(hour -> assertThat(hour.getEvents()).isEqualTo(1));
    }

    @Test
    void withKafkaAwayItIsSaidAtTheNextStart() throws IOException {
        kafka.answer = Answer.FAIL;
        buffer.offer(sampled(1, NOON, NOON.plusSeconds(10), 10));
        buffer.offer(stopped());
        publisher.finish();
        kafka.answer = Answer.ARRIVE;
        open(1 << 20);
        nanos += 2 * SECOND;
        steps(4);

        assertThat(kafka.arrived()).containsOnlyOnce("sample 1 10");
        NodeStatus last = kafka.heartbeats().get(kafka.heartbeats().size() - 1);
        assertThat(last.getClosed()).isTrue();
        assertThat(last.getHours()).singleElement().satisfies(hour -> assertThat(hour.getEvents()).isEqualTo(1));
    }

    @Test
    void remembersTheNewestHoursOnly() {
        for (int i = 0; i < 3 * EventTally.MOST_HOURS; i++) {
            account.count(sampled(1, NOON.plus(Duration.ofHours(i)), NOON.plus(Duration.ofHours(i)), i));
        }
        assertThat(account.statement().hours()).hasSize(EventTally.MOST_HOURS)
                .extracting(EventTally.Hour::start)
                .contains(NOON.plus(Duration.ofHours(3 * EventTally.MOST_HOURS - 1)));
    }

    private void steps(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            nanos += 1_000;
            publisher.step();
        }
    }

    private static UsageSampled sampled(int number, Instant from, Instant at, long bytes) {
        return new UsageSampled(at, allocation(number), 1, from, count(bytes), count(bytes), count(bytes), count(bytes),
                BillableRule.BOTH_DIRECTIONS, Map.of(), 1, false);
    }

    private static DirectionCount count(long bytes) {
        return new DirectionCount(bytes, bytes, 1);
    }

    private static NodeStatusReported stopped() {
        return new NodeStatusReported(NOON, "1", NodeState.STOPPED, NOON, List.of(), 0, Map.of(), Map.of());
    }
}
