package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.QuotaPeriodKind;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class QuotaPeriodTest {
    @Test
    void aMonthIsHalfOpen() {
        QuotaPeriod november = QuotaPeriod.at(Instant.parse("2026-11-30T23:59:59.999Z"), QuotaPeriodKind.MONTH,
                ZoneOffset.UTC);

        assertThat(november.id()).isEqualTo("2026-11");
        assertThat(november.contains(Instant.parse("2026-11-01T00:00:00Z"))).isTrue();
        assertThat(november.contains(november.end())).isFalse();
        assertThat(QuotaPeriod.at(november.end(), QuotaPeriodKind.MONTH, ZoneOffset.UTC).id()).isEqualTo("2026-12");
    }

    @Test
    void aDayFollowsTheTenantsTimeZone() {
        QuotaPeriod day = QuotaPeriod.at(Instant.parse("2026-11-22T23:30:00Z"), QuotaPeriodKind.DAY,
                ZoneId.of("Europe/Berlin"));

        assertThat(day.id()).isEqualTo("2026-11-23");
        assertThat(day.start()).isEqualTo(Instant.parse("2026-11-22T23:00:00Z"));
    }

    @Test
    void aDayOfTheClockChangeIsAsLongAsItIs() {
        QuotaPeriod day = QuotaPeriod.at(Instant.parse("2026-10-25T12:00:00Z"), QuotaPeriodKind.DAY,
                ZoneId.of("Europe/Berlin"));

        assertThat(Duration.between(day.start(), day.end())).isEqualTo(Duration.ofHours(25));
    }

    @Test
    void idsOrderAsText() {
        QuotaPeriod first = QuotaPeriod.at(Instant.parse("2026-09-30T00:00:00Z"), QuotaPeriodKind.MONTH,
                ZoneOffset.UTC);
        QuotaPeriod later = QuotaPeriod.at(Instant.parse("2026-10-01T00:00:00Z"), QuotaPeriodKind.MONTH,
                ZoneOffset.UTC);

        assertThat(first.id()).isLessThan(later.id());
    }
}
