package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.QuotaPeriodKind;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuotaPeriodTest {
    @Test
    void aMonthIsHalfOpen() {
        QuotaPeriod november = QuotaPeriod.at(Instant.parse("2026-11-30T23:59:59.999Z"), QuotaPeriodKind.MONTH, 0,
                ZoneOffset.UTC);

        assertThat(november.id()).isEqualTo("2026-11");
        assertThat(november.contains(Instant.parse("2026-11-01T00:00:00Z"))).isTrue();
        assertThat(november.contains(november.end())).isFalse();
        assertThat(QuotaPeriod.at(november.end(), QuotaPeriodKind.MONTH, 0, ZoneOffset.UTC).id()).isEqualTo("2026-12");
    }

    @Test
    void aDayFollowsTheTenantsTimeZone() {
        QuotaPeriod day = QuotaPeriod.at(Instant.parse("2026-11-22T23:30:00Z"), QuotaPeriodKind.DAY, 0,
                ZoneId.of("Europe/Berlin"));

        assertThat(day.id()).isEqualTo("2026-11-23");
        assertThat(day.start()).isEqualTo(Instant.parse("2026-11-22T23:00:00Z"));
    }

    @Test
    void aDayOfTheClockChangeIsAsLongAsItIs() {
        QuotaPeriod day = QuotaPeriod.at(Instant.parse("2026-10-25T12:00:00Z"), QuotaPeriodKind.DAY, 0,
                ZoneId.of("Europe/Berlin"));

        assertThat(Duration.between(day.start(), day.end())).isEqualTo(Duration.ofHours(25));
    }

    @Test
    void idsOrderAsText() {
        QuotaPeriod first = QuotaPeriod.at(Instant.parse("2026-09-30T00:00:00Z"), QuotaPeriodKind.MONTH, 0,
                ZoneOffset.UTC);
        QuotaPeriod later = QuotaPeriod.at(Instant.parse("2026-10-01T00:00:00Z"), QuotaPeriodKind.MONTH, 0,
                ZoneOffset.UTC);

        assertThat(first.id()).isLessThan(later.id());
    }

    @Test
    void anAnchoredMonthBeginsOnItsDay() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        QuotaPeriod before = QuotaPeriod.month(Instant.parse("2026-11-14T22:59:59Z"), 15, berlin);
        QuotaPeriod after = QuotaPeriod.month(Instant.parse("2026-11-14T23:00:00Z"), 15, berlin);

        assertThat(before.id()).isEqualTo("2026-10@15");
        assertThat(after.id()).isEqualTo("2026-11@15");
        assertThat(before.end()).isEqualTo(after.start()).isEqualTo("2026-11-14T23:00:00Z");
        assertThat(after.end()).isEqualTo("2026-12-14T23:00:00Z");
    }

    @Test
    void anAnchoredDayBeginsAtItsHour() {
        QuotaPeriod day = QuotaPeriod.day(Instant.parse("2026-11-22T05:59:59Z"), 6, ZoneOffset.UTC);

        assertThat(day.id()).isEqualTo("2026-11-21@06");
        assertThat(day.contains(Instant.parse("2026-11-21T06:00:00Z"))).isTrue();
        assertThat(day.end()).isEqualTo("2026-11-22T06:00:00Z");
    }

    @Test
    void anAnchorInTheHourThatTheClockLeavesOutLosesNoInstant() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        for (Instant at = Instant.parse("2026-03-27T00:00:00Z"); at
                .isBefore(Instant.parse("2026-03-31T00:00:00Z")); at = at
                        .plusSeconds(900)) {
            QuotaPeriod day = QuotaPeriod.day(at, 2, berlin);
            assertThat(day.contains(at)).as(day + " at " + at).isTrue();
            assertThat(QuotaPeriod.day(day.end(), 2, berlin).start()).isEqualTo(day.end());
        }
    }

    @Test
    void theFirstDayAndTheZerothHourAreTheCalendars() {
        Instant now = Instant.parse("2026-11-22T05:59:59Z");

        assertThat(QuotaPeriod.month(now, 1, ZoneOffset.UTC)).isEqualTo(QuotaPeriod.month(now, 0, ZoneOffset.UTC));
        assertThat(QuotaPeriod.month(now, 0, ZoneOffset.UTC).id()).isEqualTo("2026-11");
    }

    @Test
    void anIdSaysEverythingButTheZone() {
        ZoneId zone = ZoneId.of("America/Los_Angeles");
        Instant now = Instant.parse("2026-11-22T05:59:59Z");
        for (QuotaPeriod period : List.of(QuotaPeriod.month(now, 0, zone), QuotaPeriod.month(now, 28, zone),
                QuotaPeriod.day(now, 0, zone), QuotaPeriod.day(now, 23, zone))) {
            assertThat(QuotaPeriod.parse(period.id(), zone)).contains(period);
        }
        assertThat(List.of("", "2026", "2026-13", "2026-11@1", "2026-11@30", "2026-11@", "2026-11-22@24",
                "2026-11-22@-1", "2026-11@01")).allSatisfy(id -> assertThat(QuotaPeriod.parse(id, zone)).isEmpty());
    }

    @Test
    void aPeriodTellsWhichPoliciesHaveSuch() {
        Instant now = Instant.parse("2026-11-22T12:00:00Z");
        for (QuotaPeriodKind kind : List.of(QuotaPeriodKind.MONTH, QuotaPeriodKind.DAY)) {
            for (int anchor = 0; anchor <= QuotaPeriod.LATEST_HOUR; anchor++) {
                QuotaPeriod period = QuotaPeriod.at(now, kind, anchor, ZoneOffset.UTC);
                for (int other = 0; other <= QuotaPeriod.LATEST_HOUR; other++) {
                    boolean alike = QuotaPeriod.at(now, kind, other, ZoneOffset.UTC).isOfKindOf(period.id());
                    assertThat(period.isOf(kind, other)).as(period.id() + " of " + other).isEqualTo(alike);
                }
                assertThat(period.isOf(kind == QuotaPeriodKind.DAY ? QuotaPeriodKind.MONTH : QuotaPeriodKind.DAY,
                        anchor)).as(period.id()).isFalse();
            }
        }
    }

    @Test
    void onlyIdsOfOneLengthAndAnchorOrderAsText() {
        QuotaPeriod month = QuotaPeriod.month(Instant.parse("2026-11-22T05:59:59Z"), 15, ZoneOffset.UTC);

        assertThat(month.isOfKindOf("2026-12@15")).isTrue();
        assertThat(List.of("2026-12", "2026-12@16", "2026-12-01"))
                .noneMatch(month::isOfKindOf);
    }

    @Test
    void aPeriodIsFollowedByLaterOnesOfItsLengthAndAnchor() {
        QuotaPeriod day = QuotaPeriod.day(Instant.parse("2026-11-22T05:00:00Z"), 0, ZoneOffset.UTC);

        assertThat(day.isOrFollows(day)).isTrue();
        assertThat(day.isOrFollows(QuotaPeriod.day(Instant.parse("2026-11-21T05:00:00Z"), 0, ZoneOffset.UTC))).isTrue();
        assertThat(day.isOrFollows(QuotaPeriod.day(Instant.parse("2026-11-23T05:00:00Z"), 0, ZoneOffset.UTC)))
                .isFalse();
        assertThat(day.isOrFollows(QuotaPeriod.day(Instant.parse("2026-11-21T05:00:00Z"), 6, ZoneOffset.UTC)))
                .isFalse();
        assertThat(day.isOrFollows(QuotaPeriod.month(Instant.parse("2026-10-01T05:00:00Z"), 0, ZoneOffset.UTC)))
                .isFalse();
    }

    @Test
    void theNextDayBeginsEarlyWhereTheZoneWasMovedToTheWest() {
        ZoneId west = ZoneId.of("America/New_York");
        Instant ended = Instant.parse("2026-11-22T18:30:00Z"); // midnight in Kolkata, afternoon of the same day in New York
        QuotaPeriod day = QuotaPeriod.day(ended.minusSeconds(1), 0, ZoneId.of("Asia/Kolkata"));

        assertThat(day.followedBy(ended, now -> QuotaPeriod.day(now, 0, west)))
                .isEqualTo(new QuotaPeriod("2026-11-23", ended, Instant.parse("2026-11-24T05:00:00Z")));
    }
}
