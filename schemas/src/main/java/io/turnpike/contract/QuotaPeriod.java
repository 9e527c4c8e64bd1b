package io.turnpike.contract;

import io.turnpike.control.v1.QuotaPeriodKind;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;

/**
 * A calendar period in which a volume quota holds, half open. The ledger owns the roll; a node uses this only to book
 * usage of tenants whose policy asks for no grants.
 *
 * @param id {@code 2026-11} for a month, {@code 2026-11-22} for a day; ids of one kind order as text
 * @param start first instant
 * @param end first instant after it
 */
public record QuotaPeriod(String id, Instant start, Instant end) {
    /** The period of the given kind that holds the instant in the time zone. */
    public static QuotaPeriod at(Instant instant, QuotaPeriodKind kind, ZoneId zone) {
        return switch (kind) {
            case DAY -> day(instant, zone);
            case MONTH, UNKNOWN -> month(instant, zone);
        };
    }

    /** The calendar month that holds the instant in the time zone. */
    public static QuotaPeriod month(Instant instant, ZoneId zone) {
        YearMonth month = YearMonth.from(instant.atZone(zone));
        return of(month.toString(), month.atDay(1), month.plusMonths(1).atDay(1), zone);
    }

    /** The calendar day that holds the instant in the time zone. */
    public static QuotaPeriod day(Instant instant, ZoneId zone) {
        LocalDate day = instant.atZone(zone).toLocalDate();
        return of(day.toString(), day, day.plusDays(1), zone);
    }

    /** Whether the instant lies in the period. */
    public boolean contains(Instant instant) {
        return !instant.isBefore(start) && instant.isBefore(end);
    }

    private static QuotaPeriod of(String id, LocalDate first, LocalDate next, ZoneId zone) {
        return new QuotaPeriod(id, first.atStartOfDay(zone).toInstant(), next.atStartOfDay(zone).toInstant());
    }
}
