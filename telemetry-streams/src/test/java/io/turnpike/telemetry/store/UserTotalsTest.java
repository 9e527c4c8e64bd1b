package io.turnpike.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserTotalsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:30:00Z");
    private static final Instant HOUR = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    File folder;
    private UserTotals totals = open(new TotalsMemory(1 << 20));

    private UserTotals open(TotalsMemory memory) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        settings.put(TotalsMemory.SETTING, memory);
        UserTotals opened = UserTotals.builder("totals").build();
        opened.init(new MockProcessorContext<Void, Void>(settings, new TaskId(0, 0), folder).getStateStoreContext(),
                opened);
        opened.begin(NOW.toEpochMilli());
        return opened;
    }

    @AfterEach
    void close() {
        totals.close();
    }

    private void note(String tenant, String user, Instant at, long bytes) {
        totals.note(StoreKey.user(tenant, user), tenant, user, at.toEpochMilli(), bytes);
    }

    private void add(String tenant, String user, Instant at, long bytes) {
        note(tenant, user, at, bytes);
        totals.written();
    }

    /** What is shown of a range; null where that is not known. */
    private Map<String, Long> shown(String tenant, Instant from, Instant to) {
        Map<String, Long> users = new TreeMap<>();
        return totals.show(tenant, from, to, users::put) ? users : null;
    }

    private Map<String, Long> hour(String tenant) {
        return shown(tenant, HOUR, HOUR.plusSeconds(3_600));
    }

    private void forget(Instant now) {
        totals.forget(now.toEpochMilli());
        tidyAll(now);
    }

    /** In pieces of seven users; answers how many pieces there were. */
    private int tidyAll(Instant now) {
        int pieces = 1;
        while (!totals.tidy(now.toEpochMilli(), 7)) {
            pieces++;
            assertThat(pieces).isLessThan(1_000);
        }
        return pieces;
    }

    @Test
    void nothingIsKnownBeforeAllUsersAreIn() {
        add("acme", "al", NOW, 5);
        assertThat(hour("acme")).isNull();
        totals.complete();
        assertThat(hour("acme")).as("it was to be read from the stores").isEmpty();
        add("acme", "al", NOW, 5);
        assertThat(hour("acme")).containsExactly(Map.entry("al", 5L));
        assertThat(hour("other")).isEmpty();
    }

    @Test
    void whatIsNotWrittenYetIsNotShown() {
        totals.complete();
        note("acme", "al", NOW, 5);
        assertThat(hour("acme")).isEmpty();
        totals.written();
        totals.written();
        assertThat(hour("acme")).containsExactly(Map.entry("al", 5L));
    }

    @Test
    void whileUsersAreReadBackThoseThatWereGrowAndTheOthersAreLeftToReading() {
        BilledTimes stored = new BilledTimes();
        stored.addMinute(NOW.toEpochMilli(), 100);
        totals.fill(StoreKey.user("acme", "bo"), stored);
        add("acme", "al", NOW, 1); // new, and before the place
        add("acme", "bo", NOW, 2);
        add("acme", "cy", NOW, 4); // will be read
        BilledTimes later = new BilledTimes();
        later.addMinute(NOW.toEpochMilli(), 40);
        totals.fill(StoreKey.user("acme", "cy"), later);
        totals.complete();
        assertThat(hour("acme")).isEqualTo(Map.of("al", 1L, "bo", 102L, "cy", 40L));
    }

    @Test
    void rangesThatAreNotOfHoursOrTooOldAreNotKnown() {
        totals.complete();
        Instant day = Instant.parse("2026-11-22T00:00:00Z");
        assertThat(shown("acme", HOUR.plusSeconds(60), HOUR.plusSeconds(3_600))).isNull();
        assertThat(shown("acme", HOUR, HOUR.plusSeconds(60))).isNull();
        assertThat(shown("acme", HOUR.minus(Duration.ofHours(191)), HOUR)).isEmpty();
        assertThat(shown("acme", HOUR.minus(Duration.ofHours(192)), HOUR)).isNull();
        assertThat(shown("acme", day.minus(Duration.ofDays(399)), HOUR)).isEmpty();
        assertThat(shown("acme", day.minus(Duration.ofDays(400)), HOUR)).isNull();
    }

    @Test
    void whatIsOlderThanItGoesBackIsForgotten() {
        totals.complete();
        add("acme", "al", NOW, 5);
        long one = totals.heapBytes();
        Instant later = NOW.plus(Duration.ofDays(30));
        forget(later);
        assertThat(hour("acme")).isNull();
        Instant day = Instant.parse("2026-11-22T00:00:00Z");
        assertThat(shown("acme", day, day.plus(Duration.ofDays(1)))).containsExactly(Map.entry("al", 5L));
        add("acme", "bo", later, 5);
        assertThat(totals.heapBytes()).isEqualTo(2 * one);
        forget(NOW.plus(Duration.ofDays(410)));
        assertThat(totals.heapBytes()).isEqualTo(one);
        forget(NOW.plus(Duration.ofDays(440)));
        assertThat(totals.heapBytes()).isZero();
    }

    @Test
    void forgettingIsDoneInPiecesAndWhatIsForgottenIsNotShownMeanwhile() {
        totals.complete();
        Instant later = NOW.plus(Duration.ofDays(410));
        for (int user = 0; user < 100; user++) {
            add("t" + user % 3, "u" + user, NOW, 5);
        }
        long all = totals.heapBytes();
        totals.forget(later.toEpochMilli());
        assertThat(totals.heapBytes()).as("nothing was looked at yet").isEqualTo(all);
        assertThat(hour("t0")).as("it is as good as gone").isNull();

        assertThat(totals.tidy(later.toEpochMilli(), 10)).isFalse();
        assertThat(totals.heapBytes()).as("no more than ten users were looked at").isBetween(all * 90 / 100 - 100,
                all - 1);
        add("t0", "u0", later, 5); // comes while it goes on
        add("t9", "new", later, 5);
        assertThat(tidyAll(later)).isBetween(13, 16);

        Instant hour = Instant.ofEpochMilli(Bucket.HOUR.startOf(later.toEpochMilli()));
        assertThat(shown("t0", hour, hour.plusSeconds(3_600))).containsExactly(Map.entry("u0", 5L));
        assertThat(shown("t9", hour, hour.plusSeconds(3_600))).containsExactly(Map.entry("new", 5L));
        assertThat(shown("t1", hour, hour.plusSeconds(3_600))).isEmpty();
        assertThat(totals.heapBytes()).as("the two that are left").isBetween(2 * all / 100 - 10, 2 * all / 100 + 10);
    }

    @Test
    void itGoesLessFarBackWhereItDoesNotFitAndIsExactWhereItGoes() {
        totals.close();
        totals = open(new TotalsMemory(80_000));
        totals.complete();
        for (int hour = 0; hour < 180; hour++) {
            for (int user = 0; user < 100; user++) {
                note("acme", "u" + user, HOUR.minus(Duration.ofHours(hour)), 1_000_000 + user);
            }
        }
        totals.written();
        assertThat(totals.isTooLarge()).isTrue();
        tidyAll(NOW);

        assertThat(totals.isTooLarge()).isFalse();
        assertThat(totals.heapBytes()).isBetween(1L, 80_000L);
        assertThat(shown("acme", HOUR.minus(Duration.ofHours(100)), HOUR)).isNull();
        assertThat(shown("acme", HOUR.minus(Duration.ofHours(20)), HOUR)).hasSize(100)
                .containsEntry("u7", 20 * 1_000_007L);
    }

    @Test
    void whereNotEvenTheLastDaysFitNothingIsKept() {
        totals.close();
        totals = open(new TotalsMemory(100));
        totals.complete();
        add("acme", "al", NOW, 5);
        tidyAll(NOW);

        assertThat(totals.isKept()).isFalse();
        assertThat(totals.heapBytes()).isZero();
        add("acme", "al", NOW, 5);
        assertThat(totals.heapBytes()).isZero();
        assertThat(hour("acme")).isNull();
    }

    @Test
    void theBoundIsSharedByThoseThatHaveAStepAndFreeAfterIt() {
        TotalsMemory memory = new TotalsMemory(1_000);
        UserTotals one = open(memory);
        UserTotals other = open(memory);
        assertThat(memory.mostBytes()).isEqualTo(500);
        other.end();
        assertThat(memory.mostBytes()).isEqualTo(1_000);
        other.begin(NOW.toEpochMilli());
        assertThat(memory.mostBytes()).isEqualTo(500);
        one.close();
        other.close();
    }

    @Test
    void aStepThatBeginsAgainBeginsEmpty() {
        totals.complete();
        add("acme", "al", NOW, 5);
        note("acme", "bo", NOW, 5); // of a transaction that is aborted
        totals.begin(NOW.toEpochMilli());
        assertThat(hour("acme")).isNull();
        totals.complete();
        totals.written();
        assertThat(hour("acme")).isEmpty();
        assertThat(totals.heapBytes()).isZero();
    }
}
