package io.turnpike.telemetry.ledger.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MaxMinTest {
    @Test
    void dividesWhatTextbooksDivide() {
        assertThat(MaxMin.divide(10, new long[]{2, 8, 4})).containsExactly(2, 4, 4);
        assertThat(MaxMin.divide(10, new long[]{1, 2, 3})).containsExactly(1, 2, 3);
        assertThat(MaxMin.divide(0, new long[]{1})).containsExactly(0);
        assertThat(MaxMin.divide(-5, new long[]{1})).containsExactly(0);
        assertThat(MaxMin.divide(5, new long[0])).isEmpty();
    }

    @Test
    void nobodyGetsMoreThanHeAsksAndNobodyStarvesForOneThatHasMore() {
        for (long seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            long capacity = random.nextInt(4) == 0 ? random.nextInt(20) : random.nextLong(1_000_000_000_000L);
            long[] demands = random.longs(1 + random.nextInt(12), 0, 1 + Math.max(1, capacity)).toArray();
            long[] parts = MaxMin.divide(capacity, demands);
            long sum = Arrays.stream(parts).sum();
            assertThat(sum).as("seed %d", seed).isEqualTo(Math.min(capacity, Arrays.stream(demands).sum()));
            long most = Arrays.stream(parts).max().orElse(0);
            for (int i = 0; i < parts.length; i++) {
                assertThat(parts[i]).as("seed %d", seed).isBetween(0L, demands[i]);
                // Who gets less than he asks for has as much as whoever has most, but for a unit that cannot be divided.
                assertThat(parts[i] == demands[i] || parts[i] >= most - 1).as("seed %d", seed).isTrue();
            }
        }
    }
}
