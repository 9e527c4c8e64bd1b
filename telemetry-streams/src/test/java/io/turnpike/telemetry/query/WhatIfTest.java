package io.turnpike.telemetry.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.QuotaPeriodKind;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WhatIfTest {
    private static final Instant MONDAY = Instant.parse("2026-11-23T00:00:00Z");

    @Test
    void findsTheHourInWhichTheVolumeWouldHaveBeenUsedUpAndWhatComesAfter() {
        UsageSeries usage = hours(MONDAY, 48, 10);

        List<WhatIf.Outcome> outcomes = new WhatIf(QuotaPeriodKind.DAY, 0, ZoneOffset.UTC, 100).over(usage);

        assertThat(outcomes).extracting(outcome -> outcome.period().id()).containsExactly("2026-11-23", "2026-11-24");
        assertThat(outcomes).allSatisfy(outcome -> {
            assertThat(outcome.whole()).isTrue();
            assertThat(outcome.usedBytes()).isEqualTo(240);
            assertThat(outcome.refusedBytes()).isEqualTo(140);
            Instant start = outcome.period().start();
            assertThat(outcome.cut()).contains(new TimeRange(start.plusSeconds(36_000), start.plusSeconds(39_600)));
        });
    }

    @Test
    void aVolumeThatIsUsedUpToTheByteCutsNobody() {
        WhatIf.Outcome outcome = new WhatIf(QuotaPeriodKind.DAY, 0, ZoneOffset.UTC, 240).over(hours(MONDAY, 24, 10))
                .get(0);

        assertThat(outcome.cut()).isEmpty();
        assertThat(outcome.refusedBytes()).isZero();
    }

    @Test
    void aVolumeOfNothingCutsAtTheFirstByte() {
        WhatIf.Outcome outcome = new WhatIf(QuotaPeriodKind.DAY, 0, ZoneOffset.UTC, 0).over(hours(MONDAY, 2, 10))
                .get(0);

        assertThat(outcome.cut()).contains(new TimeRange(MONDAY, MONDAY.plusSeconds(3_600)));
        assertThat(outcome.refusedBytes()).isEqualTo(20);
    }

    @Test
    void periodsWithoutUseAndPeriodsThatBeganEarlierAreTold() {
        TimeRange range = new TimeRange(MONDAY.plusSeconds(7_200), MONDAY.plusSeconds(3 * 86_400));
        UsageSeries usage = new UsageSeries(range, Step.HOUR, List.of());

        List<WhatIf.Outcome> outcomes = new WhatIf(QuotaPeriodKind.DAY, 0, ZoneOffset.UTC, 5).over(usage);

        assertThat(outcomes).extracting(WhatIf.Outcome::whole).containsExactly(false, true, true);
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.usedBytes()).isZero());
    }

    @Test
    void bucketsCountInThePeriodOfTheirStartInTheTimeZoneAndItIsSaidWhereThatIsNotExact() {
        WhatIf berlin = new WhatIf(QuotaPeriodKind.DAY, 0, ZoneId.of("Europe/Berlin"), 1_000);
        WhatIf kolkata = new WhatIf(QuotaPeriodKind.DAY, 0, ZoneId.of("Asia/Kolkata"), 1_000);
        UsageSeries usage = hours(MONDAY, 24, 10);

        // The day of Berlin ends at 23:00 UTC.
        assertThat(berlin.over(usage)).extracting(WhatIf.Outcome::usedBytes).containsExactly(230L, 10L);
        assertThat(berlin.isAligned(usage.range(), Step.HOUR)).isTrue();
        assertThat(berlin.isAligned(usage.range(), Step.DAY)).isFalse();
        assertThat(kolkata.isAligned(usage.range(), Step.HOUR)).isFalse();
    }

    @Test
    void periodsBeginAtTheAnchor() {
        WhatIf shifts = new WhatIf(QuotaPeriodKind.DAY, 6, ZoneOffset.UTC, 100);
        List<WhatIf.Outcome> outcomes = shifts.over(hours(MONDAY, 24, 10));
        assertThat(outcomes).extracting(WhatIf.Outcome::usedBytes).containsExactly(60L, 180L);
        assertThat(outcomes).extracting(WhatIf.Outcome::refusedBytes).containsExactly(0L, 80L);
        assertThat(shifts.with(170).over(hours(MONDAY, 24, 10))).extracting(WhatIf.Outcome::refusedBytes)
                .containsExactly(0L, 10L);
    }

    @Test
    void monthsOverTheChangeOfTheClocks() {
        WhatIf months = new WhatIf(QuotaPeriodKind.MONTH, 0, ZoneId.of("Europe/Berlin"), Long.MAX_VALUE);
        UsageSeries usage = hours(Instant.parse("2026-09-30T22:00:00Z"), 745, 1);

        assertThat(months.over(usage)).extracting(WhatIf.Outcome::usedBytes).containsExactly(745L);
        assertThat(months.isAligned(usage.range(), Step.HOUR)).isTrue();
    }

    @Test
    void aUserLosesWhatComesBehindTheBucketOfTheTenantsCutUntilThePeriodEnds() {
        UsageSeries all = hours(MONDAY, 48, 10);
        UsageSeries one = hours(MONDAY, 48, 3);
        List<WhatIf.Outcome> cuts = new WhatIf(QuotaPeriodKind.DAY, 0, ZoneOffset.UTC, 225).over(all);

        // Each day is cut in its 23rd hour; one hour lies behind.
        assertThat(WhatIf.behind(cuts, one)).isEqualTo(2 * 3);
        assertThat(WhatIf.behind(new WhatIf(QuotaPeriodKind.DAY, 0, ZoneOffset.UTC, 240).over(all), one)).isZero();
    }

    private static UsageSeries hours(Instant from, int hours, long bytes) {
        return new UsageSeries(new TimeRange(from, from.plusSeconds(hours * 3_600L)), Step.HOUR,
                IntStream.range(0, hours)
                        .mapToObj(hour -> new UsageSeries.Point(from.plusSeconds(hour * 3_600L),
                                new Usage(DirectionUsage.ZERO, DirectionUsage.ZERO, DirectionUsage.ZERO,
                                        DirectionUsage.ZERO, bytes)))
                        .toList());
    }
}
