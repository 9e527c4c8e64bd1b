package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.Topic;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.NodeHour;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.UsageRollup;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.CountingRelay;
import io.turnpike.telemetry.cluster.HerePartitions;
import io.turnpike.telemetry.query.AuditedHours;
import io.turnpike.telemetry.query.PartitionStores;
import io.turnpike.telemetry.query.StoredCompleteness;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.store.Stores;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.junit.jupiter.api.Test;

/** Whether an hour is complete, from the records of relays to the answer. */
class CompletenessAuditorTest extends StreamTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Instant END = START.plus(HOUR);

    private final CountingRelay relay = new CountingRelay("relay-1", 7, START.minusSeconds(60));
    private final List<SpecificRecord> made = new ArrayList<>();

    @Test
    void anHourIsCompleteOnceAllThatTheNodeCountsHasArrived() {
        callOfAnHour();
        made.forEach(this::send);
        assertThat(node().counted()).isFalse();
        assertThat(node().expected()).as("nobody has said anything").isEmpty();

        beat(END.minusSeconds(1));
        assertThat(node().counted()).as("the hour has not been counted to its end").isFalse();
        assertThat(hour(START).complete()).isFalse();

        beat(END);
        assertThat(node()).isEqualTo(new AuditedHours.Node("relay-1", OptionalLong.of(made.size()), made.size(),
                OptionalLong.of(0), 0, 0, true, true));
        assertThat(hour(START).complete()).isTrue();
    }

    @Test
    void aLostEventKeepsItsHourOpenUntilItArrivesLate() {
        callOfAnHour();
        made.stream().filter(record -> record != made.get(3)).forEach(this::send);
        beat(END.plusSeconds(100));
        assertThat(node().missing()).hasValue(1);
        assertThat(hour(START).complete()).isFalse();

        stream.advance(Duration.ofHours(5));
        send(made.get(3));
        assertThat(node().missing()).hasValue(0);
        assertThat(hour(START).complete()).isTrue();
    }

    @Test
    void duplicatesAreCountedAndNeverTakenForWhatIsMissing() {
        callOfAnHour();
        made.stream().filter(record -> record != made.get(5)).forEach(this::send);
        made.stream().filter(record -> record != made.get(5)).forEach(this::send);
        send(made.get(4));
        beat(END);
        assertThat(node().received()).isEqualTo(made.size() - 1);
        assertThat(node().duplicates()).isEqualTo(made.size());
        assertThat(node().missing()).hasValue(1);
        assertThat(hour(START).complete()).isFalse();
        assertThat(stream.counter("turn_telemetry_repeated_records")).isEqualTo(made.size());
    }

    @Test
    void anyOrderWithAnyDuplicatesComesToTheSame() {
        for (int seed = 0; seed < 20; seed++) {
            made.clear();
            CountingRelay shuffled = new CountingRelay("seed-" + seed, 7, START);
            call(shuffled, 1, 28); // thirty events have at most as many holes as are kept
            List<SpecificRecord> all = new ArrayList<>(made);
            all.addAll(made.subList(0, 11));
            Collections.shuffle(all, new Random(seed));
            all.forEach(this::send);
            stream.send(Topic.NODE, shuffled.nodeId(), shuffled.heartbeat(END, END));
            stream.flush();
            AuditedHours.Node node = hour(START).nodes().stream()
                    .filter(each -> each.node().equals(shuffled.nodeId())).findFirst().orElseThrow();
            assertThat(node.complete()).as("seed %d", seed).isTrue();
            assertThat(node.duplicates()).isEqualTo(11);
        }
    }

    @Test
    void tooMuchDisorderIsNeverTakenForComplete() {
        call(relay, 1, 100);
        for (int i = 0; i < made.size(); i += 2) {
            send(made.get(i));
        }
        for (int i = 1; i < made.size(); i += 2) {
            send(made.get(i));
        }
        beat(END);
        assertThat(node().complete()).isFalse();
        assertThat(node().received()).isLessThan(made.size());
    }

    @Test
    void whatTheRelayHasGivenUpStaysMissingAndIsSaid() {
        callOfAnHour();
        relay.givenUp(1, START.plusSeconds(100));
        made.forEach(this::send);
        beat(END);
        assertThat(node().missing()).hasValue(1);
        assertThat(node().givenUp()).isEqualTo(1);
        assertThat(hour(START).complete()).isFalse();
    }

    @Test
    void aSnapshotBelongsToTheHourInWhichItsIntervalBegins() {
        send(relay.created(1, END.minusSeconds(40), "acme", "al"));
        UsageSnapshot over = relay.snapshot(1, END.minusSeconds(5), END.plusSeconds(5), "acme", "al", 1_000);
        beat(END.plusSeconds(100));
        assertThat(node().missing()).hasValue(1);
        send(over);
        assertThat(hour(START).complete()).isTrue();
    }

    @Test
    void aRestartThatSaidItsLastWordIsComplete() {
        callOfAnHour();
        made.forEach(this::send);
        stream.send(Topic.NODE, "relay-1", relay.stopped(START.plusSeconds(1_900)));
        CountingRelay next = new CountingRelay("relay-1", 8, START.plusSeconds(2_000));
        made.clear();
        call(next, 1, 3);
        made.forEach(this::send);
        stream.send(Topic.NODE, "relay-1", next.heartbeat(END.plusSeconds(100), END));
        stream.flush();
        assertThat(node().complete()).isTrue();
        assertThat(hour(END).complete()).as("not counted to its end").isFalse();
    }

    @Test
    void aKilledProcessNeverCompletesTheHoursOfWhichItHasNotSpoken() {
        callOfAnHour();
        made.forEach(this::send);
        beat(START.plusSeconds(1_900));
        CountingRelay next = new CountingRelay("relay-1", 8, START.plusSeconds(2_000));
        stream.send(Topic.NODE, "relay-1", next.heartbeat(END.plusSeconds(4_000), END.plus(HOUR)));
        stream.flush();
        assertThat(node().missing()).hasValue(0);
        assertThat(node().counted()).isFalse();
        assertThat(hour(START).complete()).isFalse();
        assertThat(hour(END).complete()).as("after its death there is nothing of it").isTrue();
    }

    @Test
    void aSpoolThatIsReplayedWithTheLastWordCompletesTheHourLate() {
        callOfAnHour();
        made.subList(0, 4).forEach(this::send);
        CountingRelay next = new CountingRelay("relay-1", 8, END.plusSeconds(600));
        stream.send(Topic.NODE, "relay-1", next.heartbeat(END.plusSeconds(700), END.plusSeconds(650)));
        stream.flush();
        assertThat(hour(START).complete()).isFalse();

        made.forEach(this::send);
        stream.send(Topic.NODE, "relay-1", relay.stopped(END.plusSeconds(500)));
        stream.flush();
        assertThat(hour(START).complete()).isTrue();
    }

    @Test
    void aSilentNodeHoldsUpTheClusterUntilItIsWrittenOff() {
        beat(START);
        CountingRelay other = new CountingRelay("relay-2", 7, START.minusSeconds(60));
        Instant later = START.plus(AuditedHours.WRITTEN_OFF_AFTER);
        stream.advance(AuditedHours.WRITTEN_OFF_AFTER);
        stream.send(Topic.NODE, "relay-2", other.heartbeat(later, later));
        stream.flush();
        assertThat(hour(END).complete()).isTrue();
        assertThat(hour(END).nodes()).extracting(AuditedHours.Node::node).containsExactly("relay-2");
        assertThat(hour(START).complete()).as("it may have been killed in it").isFalse();
    }

    @Test
    void untilThenItMayBeAlive() {
        beat(START);
        CountingRelay other = new CountingRelay("relay-2", 7, START.minusSeconds(60));
        stream.send(Topic.NODE, "relay-2", other.heartbeat(END.plus(HOUR), END.plus(HOUR)));
        stream.flush();
        assertThat(hour(END).complete()).isFalse();
        assertThat(hour(END).nodes()).extracting(AuditedHours.Node::complete).containsExactly(false, true);
    }

    @Test
    void aNodeThatDoesNotCountIsNotComplete() {
        callOfAnHour();
        made.forEach(this::send);
        stream.send(Topic.NODE, "relay-1", relay.silentHeartbeat(END.plusSeconds(100)));
        stream.flush();
        assertThat(node().expected()).isEmpty();
        assertThat(hour(START).complete()).isFalse();
    }

    @Test
    void anOlderHeartbeatChangesNothing() {
        callOfAnHour();
        made.forEach(this::send);
        NodeStatus early = relay.heartbeat(START.plusSeconds(10), START);
        beat(END);
        stream.send(Topic.NODE, "relay-1", early);
        stream.flush();
        assertThat(hour(START).complete()).isTrue();
    }

    @Test
    void hoursThatANodeHasForgottenUnheardAreNotComplete() {
        beat(START.minus(HOUR)); // and then Kafka is away for days
        for (int hours = 5; hours < 5 + CompletenessAuditor.REMEMBERED_HOURS; hours++) {
            Instant from = START.plus(HOUR.multipliedBy(hours));
            relay.snapshot(1, from, from.plusSeconds(10), "acme", "al", hours);
        }
        Instant now = START.plus(HOUR.multipliedBy(60));
        stream.advance(Duration.between(START, now));
        stream.send(Topic.NODE, "relay-1", relay.heartbeat(now, now));
        stream.flush();
        assertThat(hour(START).complete()).as("nothing is known of it").isFalse();
        assertThat(hour(START.plus(HOUR.multipliedBy(55))).complete()).isTrue();
    }

    @Test
    void whatIsOlderThanAWeekIsForgotten() {
        callOfAnHour();
        made.forEach(this::send);
        stream.send(Topic.NODE, "relay-1", relay.stopped(END));
        stream.flush();
        stream.advance(Stores.AUDIT_RETENTION.plus(HOUR.multipliedBy(3)));
        stream.flush();
        assertThat(hour(START).nodes()).isEmpty();
        assertThat(hour(START).complete()).isFalse();
    }

    @Test
    void whatNoNodeMaySayIsPassedOver() {
        NodeStatus nonsense = relay.heartbeat(END, END);
        nonsense.setHours(List.of(new NodeHour(START.plusSeconds(1), 5L, 0L)));
        stream.send(Topic.NODE, "relay-1", nonsense);
        stream.flush();
        assertThat(hour(START).nodes()).isEmpty();
    }

    @Test
    void anHourIsPublishedAsCompleteAndAgainWhenItBecomesSo() {
        callOfAnHour();
        made.forEach(this::send);
        stream.hourIsComplete(START);
        passAnHour();
        passAnHour();
        assertThat(stream.rollups()).hasSize(2).extracting(UsageRollup::getComplete).containsOnly(true);

        send(relay.snapshot(2, END, END.plusSeconds(10), "acme", "al", 7_000));
        passAnHour();
        assertThat(stream.rollups()).hasSize(2).extracting(UsageRollup::getComplete).containsOnly(false);
        stream.hourIsComplete(END);
        passAnHour();
        passAnHour();
        assertThat(stream.rollups()).hasSize(2)
                .allSatisfy(rollup -> assertThat(rollup.getVersion()).isEqualTo(2))
                .extracting(UsageRollup::getComplete).containsOnly(true);
        stream.advance(Duration.ofDays(5));
        assertThat(stream.rollups()).isEmpty();
    }

    @Test
    void anHourThatIsNotCompleteIsLookedAtForThreeDaysAndPublishedOnce() {
        callOfAnHour();
        made.forEach(this::send);
        int published = 0;
        for (int i = 0; i < 90; i++) {
            passAnHour();
            published += stream.rollups().size();
        }
        assertThat(published).isEqualTo(2);
        assertThat(stream.store(Stores.USAGE_DUE).all()).isExhausted();
    }

    /** The driver runs each round once at the end of an advance. */
    private void passAnHour() {
        stream.advance(HOUR);
        stream.advance(RollupFeed.CORRECTION_AFTER);
        stream.advance(RollupFeed.INTERVAL);
        stream.advance(RollupFeed.INTERVAL);
    }

    private void callOfAnHour() {
        call(relay, 1, 8);
    }

    private void call(CountingRelay node, int counter, int snapshots) {
        made.add(node.created(counter, START, "acme", "al"));
        Instant at = START;
        for (int i = 1; i <= snapshots; i++) {
            made.add(node.snapshot(counter, at, at.plusSeconds(10), "acme", "al", i * 1_000L));
            at = at.plusSeconds(10);
        }
        made.add(node.ended(counter, at, "acme", "al"));
    }

    private void send(SpecificRecord record) {
        if (record instanceof UsageSnapshot snapshot) {
            stream.send(Topic.BANDWIDTH, snapshot.getAllocationId(), record);
        } else {
            stream.send(Topic.ALLOCATION, ((AllocationEvent) record).getAllocationId(), record);
        }
        stream.flush();
    }

    private void beat(Instant countedThrough) {
        stream.send(Topic.NODE, "relay-1", relay.heartbeat(countedThrough.plusSeconds(71), countedThrough));
        stream.flush();
    }

    private AuditedHours.Node node() {
        List<AuditedHours.Node> nodes = hour(START).nodes();
        assertThat(nodes).hasSize(1);
        return nodes.get(0);
    }

    private AuditedHours.Hour hour(Instant start) {
        HerePartitions partitions = new HerePartitions(1, partition -> new PartitionStores() {
            @Override
            @SuppressWarnings("unchecked")
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                return (ReadOnlyKeyValueStore<K, V>) stream.store(store);
            }
        });
        return new StoredCompleteness(partitions, Clock.fixed(stream.now(), ZoneOffset.UTC))
                .hours(new TimeRange(start, start.plus(HOUR))).value().get(0);
    }
}
