package io.turnpike.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedSumsTest {
    private final PackedSums sums = new PackedSums();

    @Test
    void nothingIsNotZero() {
        assertThat(sums.isEmpty()).isTrue();
        sums.add(7, 0);
        assertThat(sums.sum(7, 8)).isZero();
        assertThat(sums.sum(8, 9)).isEqualTo(PackedSums.NOTHING);
        assertThat(sums.sum(8, 8)).isEqualTo(PackedSums.NOTHING);
        assertThat(sums.isEmpty()).isFalse();
    }

    @Test
    void takesWhateverALongHolds() {
        sums.add(0, Long.MAX_VALUE - 1);
        sums.add(Integer.MAX_VALUE, 1);
        sums.add(Integer.MAX_VALUE - 1, 0);
        assertThat(sums.sum(0, Integer.MAX_VALUE)).isEqualTo(Long.MAX_VALUE - 1);
        sums.add(0, 1);
        assertThat(sums.sum(0, 1)).isEqualTo(Long.MAX_VALUE);
        sums.add(1, 1);
        assertThatThrownBy(() -> sums.sum(0, 2)).isInstanceOf(ArithmeticException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void isAMapOfSumsInWhateverOrderTheyCome(int seed) {
        Random random = new Random(seed);
        TreeMap<Integer, Long> model = new TreeMap<>();
        int now = 490_000;
        for (int step = 0; step < 2_000; step++) {
            now += random.nextInt(20) == 0 ? random.nextInt(300) : 0;
            int bucket = random.nextInt(10) == 0 ? now - random.nextInt(400) : now;
            long amount = random.nextLong() >>> 20 + random.nextInt(44);
            sums.add(bucket, amount);
            model.merge(bucket, amount, Math::addExact);
            if (random.nextInt(100) == 0) {
                int oldest = now - random.nextInt(500);
                sums.dropBefore(oldest);
                model.headMap(oldest).clear();
            }
            int from = now - random.nextInt(500);
            int to = from + random.nextInt(500);
            SortedMap<Integer, Long> range = model.subMap(from, to);
            assertThat(sums.sum(from, to)).isEqualTo(range.isEmpty()
                    ? PackedSums.NOTHING
                    : range.values().stream().mapToLong(Long::longValue).sum());
            assertThat(sums.isEmpty()).isEqualTo(model.isEmpty());
        }
    }
}
