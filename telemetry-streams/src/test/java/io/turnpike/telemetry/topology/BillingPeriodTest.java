package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class BillingPeriodTest {
    @Test
    void aMonthIsOpenForThreeDaysAfterItsEnd() {
        long lastMinute = at("2026-10-31T23:59:00Z");

        assertThat(BillingPeriod.isOpen(lastMinute, at("2026-11-03T23:59:59Z"))).isTrue();
        assertThat(BillingPeriod.isOpen(lastMinute, at("2026-11-04T00:00:00Z"))).isFalse();
        assertThat(BillingPeriod.isOpen(at("2026-11-01T00:00:00Z"), at("2026-12-03T23:59:00Z"))).isTrue();
    }

    @Test
    void aMinuteIsBookedWhereItWasMovedWhileThatIsOpenAndWhereItBecameKnownAfterwards() {
        long minute = at("2026-10-31T23:59:00Z");

        assertThat(BillingPeriod.bookedMinute(minute, at("2026-11-03T12:00:00Z"))).isEqualTo(minute);
        assertThat(BillingPeriod.bookedMinute(minute, at("2026-11-22T10:00:30Z")))
                .isEqualTo(at("2026-11-22T10:00:00Z"));
        assertThat(BillingPeriod.bookedMinute(at("2026-11-22T10:05:00Z"), at("2026-11-22T10:00:30Z")))
                .as("a clock that is ahead").isEqualTo(at("2026-11-22T10:05:00Z"));
    }

    private static long at(String time) {
        return Instant.parse(time).toEpochMilli();
    }
}
