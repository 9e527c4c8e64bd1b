package io.turnpike.node.kafka;

import static io.turnpike.node.kafka.SampleEvents.created;
import static io.turnpike.node.kafka.SampleEvents.ended;
import static io.turnpike.node.kafka.SampleEvents.reported;
import static io.turnpike.node.kafka.SampleEvents.sampled;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.EventPriority;
import io.turnpike.node.event.NodeIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The publisher step by step, with a Kafka that answers as it is told. */
class EventPublisherTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path dir;

    private final EventBuffer buffer = new EventBuffer(1024);
    private final FakeKafka kafka = new FakeKafka();
    private EventPublisher publisher;
    private long nanos = 1;

    @BeforeEach
    void open() throws IOException {
        publisher = publisher(1 << 20);
    }

    private EventPublisher publisher(long spoolBytes) throws IOException {
        AvroMapping mapping = new AvroMapping(new NodeIdentity("n1", 7, 99),
                () -> new PublisherFigures(true, 0, 0, Map.of(), EventAccount.Statement.NOTHING));
        return new EventPublisher(buffer, new EventAccount(buffer.tally(), Clock.systemUTC(), Duration.ZERO), mapping,
                Spool.open(dir, spoolBytes), kafka, () -> true, () -> nanos);
    }

    @Test
    void sendsInOrderWhileKafkaAnswers() throws IOException {
        step();
        offerLife(1);
        steps(3);
        assertThat(kafka.arrived()).containsExactly("CREATED 1", "sample 1 100", "final 1 200", "ENDED 1");
        assertThat(publisher.isOnline()).isTrue();
        assertThat(publisher.spoolBytes()).isZero();
    }

    @Test
    void keepsStepsOnDiskAndTheNewestSampleInMemoryWhileKafkaFails() throws IOException {
        kafka.answer = FakeKafka.Answer.FAIL;
        offerLife(1);
        steps(3);
        buffer.offer(created(2));
        for (int i = 0; i < 50; i++) {
            buffer.offer(sampled(2, i, i, false));
            step();
        }
        assertThat(publisher.isOnline()).isFalse();
        assertThat(publisher.spoolBytes()).isPositive();
        assertThat(publisher.depth()).as("one value, however many samples").isEqualTo(1);

        kafka.answer = FakeKafka.Answer.ARRIVE;
        nanos += 2 * SECOND;
        steps(6);
        assertThat(kafka.arrived()).contains("sample 2 49").doesNotContain("sample 2 48");
        assertThat(kafka.arrived()).containsSubsequence("CREATED 1", "final 1 200", "ENDED 1", "CREATED 2");
        assertThat(publisher.spoolBytes()).isZero();
    }

    @Test
    void newStepsGoBehindTheSpool() throws IOException {
        kafka.answer = FakeKafka.Answer.FAIL;
        offerLife(1);
        steps(2);
        kafka.answer = FakeKafka.Answer.ARRIVE;
        nanos += 2 * SECOND;
        step();
        buffer.offer(ended(2, 1));
        steps(6);
        assertThat(kafka.arrived()).containsSubsequence("CREATED 1", "ENDED 1", "ENDED 2");
    }

    @Test
    void putsStepsOnDiskWhenKafkaFallsSilent() throws IOException {
        kafka.answer = FakeKafka.Answer.ARRIVE;
        step();
        kafka.answer = FakeKafka.Answer.SILENCE;
        buffer.offer(ended(1, 1));
        buffer.offer(sampled(2, 1, 5, false));
        steps(2);
        assertThat(publisher.spoolBytes()).isZero();
        nanos += 3 * SECOND;
        step();
        assertThat(publisher.spoolBytes()).isPositive();
        assertThat(publisher.isOnline()).isFalse();

        try (Spool afterKill = Spool.open(dir, 1 << 20)) {
            assertThat(FakeKafka.text(afterKill.read())).isEqualTo("ENDED 1");
        }
    }

    @Test
    void givesUpOnlyWhatKafkaCanNeverTakeAndCountsIt() throws IOException {
        step();
        kafka.answer = FakeKafka.Answer.TOO_LARGE;
        buffer.offer(ended(1, 1));
        steps(2);
        kafka.answer = FakeKafka.Answer.ARRIVE;
        buffer.offer(ended(2, 1));
        steps(2);
        assertThat(publisher.dropped(EventPriority.FINAL)).isEqualTo(1);
        assertThat(kafka.arrived()).containsExactly("ENDED 2");
    }

    @Test
    void countsWhatASpoolThatIsFullCannotTake() throws IOException {
        publisher = publisher(4_000);
        kafka.answer = FakeKafka.Answer.FAIL;
        for (int i = 0; i < 100; i++) {
            buffer.offer(created(i));
            buffer.offer(ended(i, 1));
            step();
        }
        assertThat(publisher.dropped(EventPriority.FINAL)).isPositive();
        assertThat(publisher.dropped(EventPriority.LIFECYCLE)).isGreaterThan(publisher.dropped(EventPriority.FINAL));
        kafka.answer = FakeKafka.Answer.ARRIVE;
        nanos += 2 * SECOND;
        steps(6);
        long lost = publisher.dropped(EventPriority.FINAL) + publisher.dropped(EventPriority.LIFECYCLE);
        assertThat(kafka.arrived().stream().distinct().count() + lost).isEqualTo(200);
    }

    @Test
    void leavesOnDiskWhatItCouldNotSendBeforeTheEnd() throws IOException {
        kafka.answer = FakeKafka.Answer.FAIL;
        offerLife(1);
        buffer.offer(sampled(2, 1, 77, false));
        buffer.offer(reported("acme", 1));
        publisher.finish();

        kafka.answer = FakeKafka.Answer.ARRIVE;
        publisher = publisher(1 << 20);
        nanos += 2 * SECOND;
        steps(4);
        assertThat(kafka.arrived()).contains("CREATED 1", "final 1 200", "ENDED 1", "sample 2 77", "report")
                .doesNotHaveDuplicates();
    }

    private void offerLife(int number) {
        buffer.offer(created(number));
        buffer.offer(sampled(number, 1, 100, false));
        buffer.offer(sampled(number, 2, 200, true));
        buffer.offer(ended(number, 3));
    }

    private void steps(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    private void step() throws IOException {
        nanos += 1_000;
        publisher.step();
    }
}
