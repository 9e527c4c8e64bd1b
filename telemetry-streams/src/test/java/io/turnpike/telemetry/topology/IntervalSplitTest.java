package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.RecordCodec;
import io.turnpike.events.v1.DirectionCounters;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class IntervalSplitTest {
    private static final long MOST_COUNT = 1L << 50;
    private static final long MOST_MILLIS = 35L * 86_400_000 + 300_000;

    static {
        RecordCodec.prepareAvro();
    }

    @Property
    void thePartsAddUpToTheWhole(@ForAll @LongRange(min = 0, max = 4_102_444_800_000L) long start,
            @ForAll @LongRange(min = 0, max = MOST_MILLIS) long length,
            @ForAll @LongRange(min = 0, max = MOST_COUNT) long wire,
            @ForAll @LongRange(min = 0, max = MOST_COUNT) long payload,
            @ForAll @LongRange(min = 0, max = MOST_COUNT) long packets) {
        Traffic whole = traffic(wire, payload, packets);

        Map<Long, Traffic> parts = split(start, start + length, whole);

        assertThat(parts.values().stream().reduce(Traffic.ZERO, Traffic::plus)).isEqualTo(whole);
        assertThat(parts.values()).allMatch(Traffic::isPlausible);
        assertThat(parts.keySet()).allMatch(minute -> minute % 60_000 == 0 && minute > start - 3_600_000
                && (minute < start + length || minute <= start));
    }

    @Property
    void hoursAndDaysAddUpToTheSameAsMinutes(@ForAll @LongRange(min = 0, max = 4_102_444_800_000L) long start,
            @ForAll @LongRange(min = 0, max = 100_000_000L) long length,
            @ForAll @LongRange(min = 0, max = MOST_COUNT) long wire) {
        Map<Long, Traffic> minutes = split(start, start + length, traffic(wire, wire / 2, wire / 1_000));
        for (Bucket bucket : Bucket.values()) {
            Map<Long, Traffic> coarse = new TreeMap<>();
            minutes.forEach((minute, part) -> coarse.merge(bucket.startOf(minute), part, Traffic::plus));

            assertThat(coarse.values().stream().reduce(Traffic.ZERO, Traffic::plus))
                    .isEqualTo(minutes.values().stream().reduce(Traffic.ZERO, Traffic::plus));
        }
    }

    @Test
    void spreadsEvenly() {
        Traffic whole = traffic(300, 30, 3);

        assertThat(split(30_000, 210_000, whole)).isEqualTo(Map.of(0L, traffic(50, 5, 0), 60_000L,
                traffic(100, 10, 1), 120_000L, traffic(100, 10, 1), 180_000L, traffic(50, 5, 1)));
    }

    @Test
    void anIntervalThatEndsOnABoundaryDoesNotTouchTheNextMinute() {
        assertThat(split(0, 60_000, traffic(10, 10, 10))).containsOnlyKeys(0L);
    }

    @Test
    void anInstantGoesToItsMinute() {
        assertThat(split(90_000, 90_000, traffic(10, 10, 10))).isEqualTo(Map.of(60_000L, traffic(10, 10, 10)));
    }

    @Test
    void aLongIntervalMakesFewParts() {
        long fiveWeeks = Duration.ofDays(35).toMillis();

        assertThat(split(0, fiveWeeks, traffic(1L << 40, 1L << 40, 1L << 30))).hasSize(35 * 24);
    }

    private static Map<Long, Traffic> split(long start, long end, Traffic whole) {
        Map<Long, Traffic> parts = new TreeMap<>();
        IntervalSplit.split(start, end, whole, (minute, part) -> parts.merge(minute, part, Traffic::plus));
        return parts;
    }

    private static Traffic traffic(long wire, long payload, long packets) {
        DirectionCounters counters = new DirectionCounters(wire, payload, packets);
        return Traffic.of(UsageSnapshot.newBuilder()
                .setHeader(new EventHeader("n", 0L, 0L, Instant.EPOCH, "t", "u")).setAllocationId("a")
                .setAllocationSeq(0).setIntervalStart(Instant.EPOCH).setClientToRelay(counters)
                .setRelayToPeer(counters).setPeerToRelay(counters).setRelayToClient(counters).build());
    }
}
