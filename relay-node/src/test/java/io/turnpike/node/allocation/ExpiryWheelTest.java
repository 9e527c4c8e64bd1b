package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExpiryWheelTest {
    private static final long TICK = 100;

    private final ExpiryWheel wheel = new ExpiryWheel(Duration.ofNanos(TICK), 8, 0);
    private final List<Entry> expired = new ArrayList<>();

    private class Entry extends Expiring {
        private long expiredAt = -1;

        @Override
        protected void expired(long nowNanos) {
            expiredAt = nowNanos;
            expired.add(this);
        }
    }

    @Test
    void runsAnEntryNeverEarlyAndAtMostOneTickLate() {
        Random random = new Random(1);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            Entry entry = new Entry();
            entries.add(entry);
            wheel.schedule(entry, 1 + random.nextInt(5_000));
        }
        for (long now = 0; now <= 6_000; now += 10) {
            wheel.advance(now);
        }

        assertThat(entries).allSatisfy(entry -> assertThat(entry.expiredAt)
                .isBetween(entry.deadlineNanos(), entry.deadlineNanos() + TICK));
        assertThat(expired).doesNotHaveDuplicates().hasSize(500);
    }

    @Test
    void movesADeadlineBackAndForth() {
        Entry later = new Entry();
        Entry sooner = new Entry();
        wheel.schedule(later, 300);
        wheel.schedule(later, 1_500);
        wheel.schedule(sooner, 1_500);
        wheel.schedule(sooner, 300);

        wheel.advance(400);
        assertThat(expired).containsExactly(sooner);
        wheel.advance(1_600);
        assertThat(expired).containsExactly(sooner, later);
    }

    @Test
    void forgetsACancelledEntryAlsoWhileOthersRun() {
        Entry victim = new Entry();
        wheel.schedule(new Entry() {
            @Override
            protected void expired(long nowNanos) {
                super.expired(nowNanos);
                wheel.cancel(victim);
            }
        }, 250);
        wheel.schedule(victim, 250);

        wheel.advance(10_000);

        assertThat(expired).hasSize(1).doesNotContain(victim);
    }

    @Test
    void catchesUpAfterALongStall() {
        Entry first = new Entry();
        wheel.schedule(first, 150);
        wheel.advance(1_000_000);

        assertThat(expired).containsExactly(first);
    }

    @Test
    void runsWhatAnExpiringEntrySchedulesForThePast() {
        Entry follower = new Entry();
        wheel.schedule(new Entry() {
            @Override
            protected void expired(long nowNanos) {
                super.expired(nowNanos);
                wheel.schedule(follower, nowNanos - 50);
            }
        }, 150);

        wheel.advance(400);
        wheel.advance(600);

        assertThat(expired).contains(follower);
    }
}
