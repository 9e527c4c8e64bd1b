package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.TimeRange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UsageWindowTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42.500Z");

    @Test
    void holdsTheLastHourWithTheRunningMinuteByDefault() {
        assertThat(window(null, null, null))
                .isEqualTo(aligned("2026-11-22T09:18:00Z", "2026-11-22T10:18:00Z", Step.MINUTE));
    }

    @Test
    void includesTheMinuteThatBeginsNow() {
        Instant start = Instant.parse("2026-11-22T10:18:00Z");

        UsageWindow window = UsageWindow.of(Optional.empty(), Optional.empty(), Optional.empty(), start);

        assertThat(window.range().contains(start)).isTrue();
    }

    @Test
    void holdsTheBucketBeforeTheRunningOneTooHoweverLongBucketsAre() {
        assertThat(window(null, null, "1h"))
                .isEqualTo(aligned("2026-11-22T09:00:00Z", "2026-11-22T11:00:00Z", Step.HOUR));
        assertThat(window(null, null, "5m"))
                .isEqualTo(aligned("2026-11-22T09:20:00Z", "2026-11-22T10:20:00Z", Step.FIVE_MINUTES));
        for (String justAfterMidnight : List.of("2026-11-22T00:00:00Z", "2026-11-22T00:00:00.001Z",
                "2026-11-22T00:30:00Z")) {
            assertThat(UsageWindow.of(Optional.empty(), Optional.empty(), Optional.of("1d"),
                    Instant.parse(justAfterMidnight))).as(justAfterMidnight)
                    .isEqualTo(aligned("2026-11-21T00:00:00Z", "2026-11-23T00:00:00Z", Step.DAY));
        }
        assertThat(UsageWindow.of(Optional.empty(), Optional.empty(), Optional.of("1h"),
                Instant.parse("2026-11-22T00:00:00Z")))
                .isEqualTo(aligned("2026-11-21T23:00:00Z", "2026-11-22T01:00:00Z", Step.HOUR));
        assertThat(window(null, "2026-11-20T00:00:00Z", "1d"))
                .isEqualTo(aligned("2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z", Step.DAY));
    }

    @Test
    void isWidenedToWholeBuckets() {
        assertThat(window("2026-11-22T08:10:11Z", "2026-11-22T09:00:01Z", "1h"))
                .isEqualTo(aligned("2026-11-22T08:00:00Z", "2026-11-22T10:00:00Z", Step.HOUR));
        assertThat(window("2026-11-22T08:00:00Z", "2026-11-22T09:00:00Z", "1h"))
                .isEqualTo(aligned("2026-11-22T08:00:00Z", "2026-11-22T09:00:00Z", Step.HOUR));
    }

    @Test
    void readsOtherOffsets() {
        assertThat(window("2026-11-22T10:00:00+01:00", "2026-11-22T10:00:00Z", "1h"))
                .isEqualTo(aligned("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z", Step.HOUR));
    }

    @Test
    void takesTheFinestStepThatServesTheRange() {
        assertThat(window("2026-11-22T00:00:00Z", null, null).step()).isEqualTo(Step.MINUTE);
        assertThat(window("2026-11-21T00:00:00Z", null, null).step()).isEqualTo(Step.FIVE_MINUTES);
        assertThat(window("2026-11-01T00:00:00Z", null, null).step()).isEqualTo(Step.HOUR);
        assertThat(window("2026-01-01T00:00:00Z", null, null).step()).isEqualTo(Step.DAY);
    }

    @Test
    void allowsFifteenHundredPointsAndNamesTheStepForMore() {
        assertThat(window("2026-11-21T09:18:00Z", "2026-11-22T10:18:00Z", "1m").step()).isEqualTo(Step.MINUTE);
        assertThatThrownBy(() -> window("2026-11-21T09:17:00Z", "2026-11-22T10:18:00Z", "1m"))
                .hasMessage("1501 points of 1m are more than 1500; use step=5m");
    }

    @Test
    void refusesToShowWhatIsNotKeptAnyMoreAsNothing() {
        assertThatThrownBy(() -> window("2026-11-19T00:00:00Z", "2026-11-19T01:00:00Z", "1m"))
                .hasMessage("1m is kept for 48 hours; use step=1h");
        assertThatThrownBy(() -> window("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", null))
                .hasMessageContaining("400 days");
    }

    @Test
    void refusesEmptyAndFutureRanges() {
        assertThatThrownBy(() -> window("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", null))
                .hasMessage("must be before to");
        assertThatThrownBy(() -> window("2026-11-22T10:00:30Z", "2026-11-22T10:00:10Z", null))
                .hasMessage("must be before to");
        assertThatThrownBy(() -> window("2026-11-23T00:00:00Z", null, null)).hasMessage("must not be in the future");
    }

    @Test
    void refusesWhatIsNoTimeOrStep() {
        assertThatThrownBy(() -> window("yesterday", null, null)).hasMessageContaining("RFC 3339");
        assertThatThrownBy(() -> window("2026-11-22", null, null)).hasMessageContaining("RFC 3339");
        assertThatThrownBy(() -> window("-999999-01-01T00:00:00Z", null, null)).hasMessageContaining("1970");
        assertThatThrownBy(() -> window(null, null, "2m")).hasMessage("must be one of 1m, 5m, 1h, 1d");
    }

    private static UsageWindow window(String from, String to, String step) {
        return UsageWindow.of(Optional.ofNullable(from), Optional.ofNullable(to), Optional.ofNullable(step), NOW);
    }

    private static UsageWindow aligned(String from, String to, Step step) {
        return new UsageWindow(new TimeRange(Instant.parse(from), Instant.parse(to)), step);
    }
}
