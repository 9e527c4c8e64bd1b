package io.turnpike.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BilledTimesTest {
    private static final int START = 490_000;
    private static final int HOURS = 400;

    @Test
    void everyRangeOfHoursIsTheSumOfItsHoursWhetherDaysAreInItOrNot() {
        BilledTimes times = new BilledTimes();
        long[] model = new long[HOURS];
        Random random = new Random(3);
        for (int hour = 0; hour < HOURS; hour++) {
            for (int minute = 0; minute < 3; minute++) {
                long bytes = random.nextInt(1_000_000);
                model[hour] += bytes;
                times.addMinute(Duration.ofHours(START + hour).plusMinutes(random.nextInt(60)).toMillis(), bytes);
            }
        }
        for (int from = 0; from < HOURS; from += 1 + random.nextInt(5)) {
            for (int to = from + 1; to <= HOURS; to += 1 + random.nextInt(5)) {
                long sum = 0;
                for (int hour = from; hour < to; hour++) {
                    sum += model[hour];
                }
                assertThat(times.sum(BilledTimes.Pieces.of(START + from, START + to))).isEqualTo(sum);
            }
        }
    }

    @Test
    void aRangeNeedsHoursAtItsEndsOnly() {
        int midnight = 100 * 24;
        assertThat(BilledTimes.Pieces.of(midnight, midnight + 48).isSince(Integer.MAX_VALUE, 100)).isTrue();
        assertThat(BilledTimes.Pieces.of(midnight - 1, midnight + 48).isSince(midnight, 0)).isFalse();
        assertThat(BilledTimes.Pieces.of(midnight - 1, midnight + 48).isSince(midnight - 1, 100)).isTrue();
        assertThat(BilledTimes.Pieces.of(midnight, midnight + 49).isSince(midnight + 49, 0)).isFalse();
        assertThat(BilledTimes.Pieces.of(midnight, midnight + 48).isSince(0, 101)).isFalse();
    }

    @Test
    void whoUsedNothingInARangeIsNotInIt() {
        BilledTimes times = new BilledTimes();
        times.addMinute(Duration.ofHours(START).toMillis(), 0);
        assertThat(times.sum(BilledTimes.Pieces.of(START, START + 1))).isZero();
        assertThat(times.sum(BilledTimes.Pieces.of(START - 60, START - 1))).isEqualTo(PackedSums.NOTHING);
    }
}
