package io.turnpike.telemetry.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.query.Projection.Outlook;
import io.turnpike.telemetry.query.Projection.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProjectionTest {
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
    private static final Instant END = Instant.parse("2026-12-01T00:00:00Z");
    private static final long DAY_SECONDS = 86_400;

    @Test
    void endsAMonthOnTheMeanOfTheLastDayAndSpansTheOthers() {
        // 10 B/s over the day, 40 B/s in its last hour, 5 B/s over the period.
        QuotaStatus status = status(QuotaMode.HARD, QuotaState.OPEN, 20 * DAY_SECONDS * 5, 40 * DAY_SECONDS);

        Projection projection = Projection.of(status, usage(10, 40), NOW);

        assertThat(projection.outlook()).isEqualTo(Outlook.IN_PERIOD);
        assertThat(projection.trends()).extracting(Projection.Trend::window, Projection.Trend::bytesPerSecond)
                .containsExactly(tuple(Window.HOUR, 40L),
                        tuple(Window.DAY, 10L),
                        tuple(Window.PERIOD, 5L));
        assertThat(projection.exhaustedAt()).contains(NOW.plus(Duration.ofDays(4)));
        assertThat(projection.earliest()).contains(NOW.plus(Duration.ofDays(1)));
        assertThat(projection.latest()).contains(NOW.plus(Duration.ofDays(8)));
    }

    @Test
    void endsADayOnTheMeanOfTheLastHour() {
        QuotaStatus status = status(QuotaMode.SOFT, QuotaState.OPEN, 0, 40 * 3_600, NOW,
                NOW.plus(Duration.ofHours(25)));

        assertThat(Projection.of(status, usage(10, 40), NOW).exhaustedAt()).contains(NOW.plus(Duration.ofHours(1)));
    }

    @Test
    void namesNoLatestTimeWhereOneTrendLastsForThePeriod() {
        QuotaStatus status = status(QuotaMode.HARD, QuotaState.OPEN, 20 * DAY_SECONDS, 15 * DAY_SECONDS);

        Projection projection = Projection.of(status, usage(10, 10), NOW);

        assertThat(projection.trends().get(2).bytesPerSecond()).isOne();
        assertThat(projection.exhaustedAt()).contains(NOW.plusSeconds(15 * DAY_SECONDS / 10));
        assertThat(projection.latest()).isEmpty();
    }

    @Test
    void saysThatTheVolumeLastsWhereNothingIsUsed() {
        QuotaStatus status = status(QuotaMode.HARD, QuotaState.OPEN, 0, 1_000);

        Projection projection = Projection.of(status, usage(0, 0), NOW);

        assertThat(projection.outlook()).isEqualTo(Outlook.NOT_IN_PERIOD);
        assertThat(projection.exhaustedAt()).isEmpty();
        assertThat(projection.earliest()).isEmpty();
        assertThat(projection.latest()).isEmpty();
    }

    @Test
    void leavesTheRunningBucketOutSoThatItLooksNeitherLikeALullNorLikeAPeak() {
        Instant now = NOW.plusSeconds(200);
        List<UsageSeries.Point> points = new ArrayList<>(usage(10, 10).value().points());
        points.add(point(NOW, 1_000_000_000));
        Answer<UsageSeries> answer = new Answer<>(new UsageSeries(Projection.needs(now), Projection.STEP, points),
                Freshness.complete(now, 0));

        assertThat(Projection.of(status(QuotaMode.HARD, QuotaState.OPEN, 0, 40 * DAY_SECONDS), answer, now).trends())
                .filteredOn(trend -> trend.window() != Window.PERIOD)
                .extracting(Projection.Trend::bytesPerSecond).containsExactly(10L, 10L);
    }

    @Test
    void knowsNothingOutOfUsageThatIsOldOrHasHoles() {
        QuotaStatus status = status(QuotaMode.HARD, QuotaState.OPEN, 0, 1_000);
        Answer<UsageSeries> whole = usage(10, 10);

        Projection old = Projection.of(status,
                new Answer<>(whole.value(), Freshness.complete(NOW.minus(Projection.FRESH), 600_000)), NOW);
        Projection holes = Projection.of(status, new Answer<>(whole.value(), new Freshness(NOW, 0, false, List.of(3))),
                NOW);

        assertThat(old).isEqualTo(holes);
        assertThat(old.outlook()).isEqualTo(Outlook.UNKNOWN);
        assertThat(old.trends()).isEmpty();
        assertThat(old.exhaustedAt()).isEmpty();
    }

    @Test
    void asksForNoUsageWhereTheStatusAloneDecides() {
        assertThat(Projection.without(status(QuotaMode.HARD, QuotaState.EXHAUSTED, 9, 0)).outlook())
                .isEqualTo(Outlook.EXHAUSTED);
        assertThat(Projection.without(status(QuotaMode.OFF, QuotaState.OPEN, 9, 0)).outlook())
                .isEqualTo(Outlook.UNLIMITED);
        assertThat(Projection.without(status(QuotaMode.HARD, QuotaState.WARN, 9, 1)).outlook())
                .isEqualTo(Outlook.UNKNOWN);
    }

    /** A day of one rate whose last hour has another, with the same mean of the day. */
    private static Answer<UsageSeries> usage(long dayMean, long hourMean) {
        long hour = hourMean * 300;
        long before = dayMean * DAY_SECONDS - hourMean * 3_600;
        long rest = before / (23 * 12);
        List<UsageSeries.Point> points = new ArrayList<>();
        TimeRange range = Projection.needs(NOW);
        for (Instant at = range.from(); at.isBefore(range.to()); at = at.plus(Projection.STEP.length())) {
            points.add(point(at, at.isBefore(range.to().minusSeconds(3_600)) ? rest : hour));
        }
        points.set(0, point(range.from(), before - rest * (23 * 12 - 1)));
        return new Answer<>(new UsageSeries(range, Projection.STEP, points), Freshness.complete(NOW, 0));
    }

    private static UsageSeries.Point point(Instant at, long billableBytes) {
        return new UsageSeries.Point(at, new Usage(DirectionUsage.ZERO, DirectionUsage.ZERO, DirectionUsage.ZERO,
                DirectionUsage.ZERO, billableBytes));
    }

    private static QuotaStatus status(QuotaMode mode, QuotaState state, long used, long remaining) {
        return status(mode, state, used, remaining, START, END);
    }

    private static QuotaStatus status(QuotaMode mode, QuotaState state, long used, long remaining, Instant start,
            Instant end) {
        return new QuotaStatus(1, mode, state, OptionalLong.of(used + remaining), used, used,
                OptionalLong.of(remaining), 0, OptionalLong.of(0), OptionalLong.empty(),
                new QuotaStatus.ControlLoss(OnControlLoss.STOP, 0, 0, OptionalLong.empty(), 0), false, "2026-11", start,
                end);
    }
}
