package io.turnpike.contract;

import io.turnpike.control.v1.QuotaPeriodKind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Function;

/**
 * A period in which a volume quota holds, half open: a month or a day of a calendar, begun on another day or at another
 * hour where the policy has an anchor. The ledger owns the roll; a node uses this only to book usage of tenants whose
 * policy asks for no grants.
 *
 * @param id {@code 2026-11} for a month, {@code 2026-11-22} for a day, with the anchor {@code 2026-11@15} and
 *        {@code 2026-11-22@06}; ids of one kind and anchor order as text
 * @param start first instant
 * @param end first instant after it
 */
public record QuotaPeriod(String id, Instant start, Instant end) {
    /** Latest anchor of a month: a day that every month has. */
    public static final int LATEST_DAY = 28;
    /** Latest anchor of a day: its last hour. */
    public static final int LATEST_HOUR = 23;

    private static final char ANCHOR = '@';
    private static final int MONTH_LENGTH = "2026-11".length();

    /**
     * The period of the given kind that holds the instant in the time zone.
     *
     * @param anchor day of a month, 1 to 28, or hour of a day, 0 to 23, at which it begins; 0 for the calendar's
     */
    public static QuotaPeriod at(Instant instant, QuotaPeriodKind kind, int anchor, ZoneId zone) {
        return switch (kind) {
            case DAY -> day(instant, anchor, zone);
            case MONTH, UNKNOWN -> month(instant, anchor, zone);
        };
    }

    /** The month that holds the instant in the time zone and begins at midnight of its day {@code anchor}, 0 to 28. */
    public static QuotaPeriod month(Instant instant, int anchor, ZoneId zone) {
        YearMonth month = YearMonth.from(instant.atZone(zone));
        QuotaPeriod period = monthFrom(month, anchor, zone);
        return period.start().isAfter(instant) ? monthFrom(month.minusMonths(1), anchor, zone) : period;
    }

    /** The day that holds the instant in the time zone and begins at the hour {@code anchor}, 0 to 23. */
    public static QuotaPeriod day(Instant instant, int anchor, ZoneId zone) {
        LocalDate day = instant.atZone(zone).toLocalDate();
        QuotaPeriod period = dayFrom(day, anchor, zone);
        if (period.start().isAfter(instant)) {
            return dayFrom(day.minusDays(1), anchor, zone);
        }
        return period.contains(instant) ? period : dayFrom(day.plusDays(1), anchor, zone);
    }

    /** The period that an id names in the time zone; empty if it names none. */
    public static Optional<QuotaPeriod> parse(String id, ZoneId zone) {
        int at = id.indexOf(ANCHOR);
        String date = at < 0 ? id : id.substring(0, at);
        try {
            int anchor = at < 0 ? 0 : Integer.parseInt(id.substring(at + 1));
            if (anchor < 0 || anchor > LATEST_DAY) {
                return Optional.empty();
            }
            QuotaPeriod period = date.length() == MONTH_LENGTH
                    ? monthFrom(YearMonth.parse(date), anchor, zone)
                    : dayFrom(LocalDate.parse(date), anchor, zone);
            return Optional.of(period).filter(named -> named.id().equals(id));
        } catch (DateTimeException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether the instant lies in the period. */
    public boolean contains(Instant instant) {
        return !instant.isBefore(start) && instant.isBefore(end);
    }

    /** Whether a policy of the given kind and anchor has such periods, in whatever time zone. */
    public boolean isOf(QuotaPeriodKind kind, int anchor) {
        int at = id.indexOf(ANCHOR);
        boolean month = (at < 0 ? id.length() : at) == MONTH_LENGTH;
        int begins = at < 0 ? 0 : Integer.parseInt(id, at + 1, id.length(), 10);
        return month == (kind != QuotaPeriodKind.DAY) && begins == (month ? monthAnchor(anchor) : anchor);
    }

    /** Whether another period's id has the same length and anchor, so that the two order as text. */
    public boolean isOfKindOf(String otherId) {
        return areOfOneKind(id, otherId);
    }

    /** Whether two ids have one length and anchor. */
    public static boolean areOfOneKind(String id, String otherId) {
        return id.length() == otherId.length() && anchorOf(id).equals(anchorOf(otherId));
    }

    /** Whether it is another period, or a later one of the same length and anchor. */
    public boolean isOrFollows(QuotaPeriod other) {
        return isOfKindOf(other.id()) && id.compareTo(other.id()) >= 0;
    }

    /**
     * What goes on after this period has ended: the first of a calendar that comes after it, begun at this one's end. The
     * calendar may still have this one, or an earlier one, where its time zone was moved to the west.
     *
     * @param now not before this one's end
     * @param calendar gives the period that holds an instant
     */
    public QuotaPeriod followedBy(Instant now, Function<Instant, QuotaPeriod> calendar) {
        QuotaPeriod following = calendar.apply(now);
        while (isOrFollows(following)) {
            following = calendar.apply(following.end());
        }
        return new QuotaPeriod(following.id(), end, following.end());
    }

    private static String anchorOf(String id) {
        int at = id.indexOf(ANCHOR);
        return at < 0 ? "" : id.substring(at);
    }

    private static QuotaPeriod monthFrom(YearMonth month, int anchor, ZoneId zone) {
        int day = Math.max(1, anchor);
        return new QuotaPeriod(id(month.toString(), monthAnchor(anchor)),
                month.atDay(day).atStartOfDay(zone).toInstant(),
                month.plusMonths(1).atDay(day).atStartOfDay(zone).toInstant());
    }

    /** The first day is the calendar's. */
    private static int monthAnchor(int day) {
        return day == 1 ? 0 : day;
    }

    private static QuotaPeriod dayFrom(LocalDate day, int hour, ZoneId zone) {
        return new QuotaPeriod(id(day.toString(), hour), dayStart(day, hour, zone),
                dayStart(day.plusDays(1), hour, zone));
    }

    private static Instant dayStart(LocalDate day, int hour, ZoneId zone) {
        return hour == 0 ? day.atStartOfDay(zone).toInstant() : day.atTime(hour, 0).atZone(zone).toInstant();
    }

    private static String id(String date, int anchor) {
        return anchor == 0 ? date : String.format("%s%c%02d", date, ANCHOR, anchor);
    }
}
