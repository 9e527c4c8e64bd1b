package io.turnpike.node.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateBucketTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long BITS = 8_000_000;
    private static final long DEPTH_BYTES = BITS / 8 / 10;

    @Test
    void beginsFullAndFillsWithTimeAlone() {
        RateBucket bucket = RateBucket.of(BITS, 1, 0);
        assertThat(bucket.draw(Long.MAX_VALUE, 1, 0)).isEqualTo(DEPTH_BYTES);
        assertThat(bucket.draw(1, 1, 0)).isZero();
        assertThat(bucket.draw(2_000, 1, 1_000_000)).isEqualTo(1_000);
        assertThat(bucket.draw(Long.MAX_VALUE, 1, 100 * SECOND)).isEqualTo(DEPTH_BYTES);
    }

    @Test
    void drawsNothingOfLessThanTheLeast() {
        RateBucket bucket = RateBucket.of(BITS, 1, 0);
        assertThat(bucket.draw(DEPTH_BYTES + 1, DEPTH_BYTES + 1, 0)).isZero();
        assertThat(bucket.draw(DEPTH_BYTES, DEPTH_BYTES, 0)).isEqualTo(DEPTH_BYTES);
    }

    @Test
    void aSlowRateStillHoldsTwoDatagrams() {
        assertThat(RateBucket.of(8_000, 1, 0).depthBytes(0)).isBetween(3_000L, 3_001L);
    }

    @Test
    void aLeaseEndsByTheClockAloneAndNothingIsEverUnlimited() {
        RateBucket bucket = new RateBucket(new RateBucket.Pace(BITS, SECOND, 0), 1, 0);
        assertThat(bucket.draw(1_000, 1, SECOND - 1)).isEqualTo(1_000);
        assertThat(bucket.draw(1_000, 1, SECOND)).isZero();
        bucket.follow(new RateBucket.Pace(0, Long.MAX_VALUE, 0));
        assertThat(bucket.draw(1, 1, 2 * SECOND)).isZero();
    }

    /** Whatever is drawn when, and however the rate changes: no window passes more than its rate and one depth of it. */
    @Test
    void noWindowPassesMoreThanTheRateAndOneDepth() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            long most = 100_000 + random.nextInt(50_000_000);
            long now = random.nextLong();
            RateBucket bucket = RateBucket.of(most, 2, now);
            double level = 0;
            double depth = Math.max(most / 80.0, 3_001);
            for (int step = 0; step < 2_000; step++) {
                long pause = random.nextInt(3) == 0 ? random.nextInt(30_000_000) : random.nextInt(100_000);
                now += pause;
                level = Math.max(0, level - most / 8e9 * pause);
                if (random.nextInt(50) == 0) {
                    long other = 1 + (long) (random.nextDouble() * most);
                    bucket.follow(new RateBucket.Pace(other, now, other));
                }
                level += bucket.draw(1 + random.nextInt(20_000), 1, now);
                assertThat(level).as("seed %d step %d", seed, step).isLessThanOrEqualTo(depth + 3_001);
            }
        }
    }

    @Test
    void loopsThatDrawAtOnceGetNoMoreThanThereIs() {
        for (int round = 0; round < 50; round++) {
            RateBucket bucket = RateBucket.of(BITS, 4, 0);
            long drawn = IntStream.range(0, 4_000).parallel().mapToLong(i -> bucket.draw(700, 700, 0)).sum();
            assertThat(drawn).isEqualTo(DEPTH_BYTES / 700 * 700);
        }
    }
}
