package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.Direction.PEER_TO_CLIENT;
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
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, Long.MAX_VALUE, 0)).isEqualTo(DEPTH_BYTES);
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, 1, 0)).isZero();
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, 2_000, 1_000_000)).isEqualTo(1_000);
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, Long.MAX_VALUE, 100 * SECOND)).isEqualTo(DEPTH_BYTES);
    }

    @Test
    void drawsNothingOfLessThanTheLeast() {
        RateBucket bucket = RateBucket.of(BITS, 1, 0);
        assertThat(bucket.draw(CLIENT_TO_PEER, DEPTH_BYTES + 1, 0)).isZero();
        assertThat(bucket.draw(CLIENT_TO_PEER, DEPTH_BYTES, 0)).isEqualTo(DEPTH_BYTES);
    }

    @Test
    void aSlowRateStillHoldsTwoDatagrams() {
        assertThat(RateBucket.of(8_000, 1, 0).depthBytes(0)).isBetween(3_000L, 3_001L);
    }

    @Test
    void aLeaseEndsByTheClockAloneAndNothingIsEverUnlimited() {
        RateBucket bucket = new RateBucket(new RateBucket.Pace(BITS, SECOND, 0), 1, 0);
        assertThat(bucket.draw(CLIENT_TO_PEER, 1_000, SECOND - 1)).isGreaterThanOrEqualTo(1_000);
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, 1_000, SECOND)).isZero();
        bucket.follow(new RateBucket.Pace(0, Long.MAX_VALUE, 0), SECOND);
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, 1, 2 * SECOND)).isZero();
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
                    bucket.follow(new RateBucket.Pace(other, now, other), now);
                }
                Direction direction = random.nextInt(4) == 0 ? PEER_TO_CLIENT : CLIENT_TO_PEER;
                int needed = 1 + random.nextInt(20_000);
                level += random.nextBoolean()
                        ? bucket.draw(direction, needed, now)
                        : bucket.drawUpTo(direction, needed, now);
                assertThat(level).as("seed %d step %d", seed, step).isLessThanOrEqualTo(depth + 3_001);
            }
        }
    }

    @Test
    void aDirectionLendsNothingWhileItFindsTooLittle() {
        RateBucket bucket = RateBucket.of(BITS, 1, 0);
        assertThat(bucket.draw(PEER_TO_CLIENT, DEPTH_BYTES, 0)).isEqualTo(DEPTH_BYTES);
        long now = SECOND / 5;
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, Long.MAX_VALUE, now)).as("a half").isEqualTo(DEPTH_BYTES / 2);
        assertThat(bucket.draw(PEER_TO_CLIENT, DEPTH_BYTES / 2, now)).isEqualTo(DEPTH_BYTES / 2);
    }

    @Test
    void aDirectionThatNeedsLittleKeepsAsMuchAsItTookLatelyAndLendsTheRest() {
        RateBucket bucket = RateBucket.of(BITS, 1, 0);
        long kept = bucket.draw(PEER_TO_CLIENT, 1_000, 0);
        assertThat(kept).as("a slice").isEqualTo(DEPTH_BYTES / 2 / 4);
        long now = SECOND;
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, Long.MAX_VALUE, now)).isBetween(DEPTH_BYTES - kept - 2,
                DEPTH_BYTES - kept);
        assertThat(bucket.draw(PEER_TO_CLIENT, kept, now)).isEqualTo(kept);
    }

    /** It sends a fifth of its half. */
    @Test
    void aDirectionThatSeldomSendsALargeDatagramOfASlowRateFindsItHoweverMuchTheOtherWants() {
        RateBucket bucket = RateBucket.of(200_000, 2, 0);
        int passed = 0;
        for (long milli = 0; milli < 60_000; milli++) {
            long now = milli * SECOND / 1_000;
            bucket.draw(CLIENT_TO_PEER, 1_200, now);
            if (milli % 500 == 0 && bucket.draw(PEER_TO_CLIENT, 1_200, now) > 0) {
                passed++;
            }
        }
        assertThat(passed).as("of 120").isGreaterThanOrEqualTo(119);
    }

    @Test
    void aRateThatRisesIsNotHeldUpByWhatWasTakenOfTheSlowOne() {
        RateBucket bucket = RateBucket.of(8_000, 1, 0);
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, Long.MAX_VALUE, 0)).isEqualTo(3_000);
        bucket.follow(new RateBucket.Pace(BITS, 0, BITS), 1);
        assertThat(bucket.drawUpTo(CLIENT_TO_PEER, Long.MAX_VALUE, 1)).as("nothing at once").isZero();
        assertThat(bucket.drawUpTo(PEER_TO_CLIENT, 1, SECOND / 10 + 1)).as("and a half of its own later")
                .isPositive();
    }

    @Test
    void aSlowRatePassesAFullDatagramOfEachDirection() {
        RateBucket bucket = RateBucket.of(8_000, 8, 0);
        for (Direction direction : Direction.values()) {
            assertThat(bucket.draw(direction, 1_500, 10 * SECOND)).isEqualTo(1_500);
        }
    }

    @Test
    void loopsThatDrawAtOnceGetNoMoreThanThereIs() {
        for (int round = 0; round < 50; round++) {
            RateBucket bucket = RateBucket.of(BITS, 4, 0);
            long drawn = IntStream.range(0, 4_000).parallel()
                    .mapToLong(i -> bucket.draw(i % 2 == 0 ? CLIENT_TO_PEER : PEER_TO_CLIENT, 700, 0)).sum();
            assertThat(drawn).isBetween(DEPTH_BYTES - 2 * 700 + 1, DEPTH_BYTES);
        }
    }
}
