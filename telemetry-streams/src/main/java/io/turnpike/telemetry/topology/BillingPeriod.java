package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.store.Bucket;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * Until when a bill may still change: a month, by UTC, takes in what comes late until three days after its end. What comes
 * later is booked when it comes, as an adjustment, so that a closed bill stays what it was and no byte is lost.
 */
final class BillingPeriod {
    /** How long after its end a month is open. */
    static final Duration GRACE = Duration.ofHours(72);

    private BillingPeriod() {}

    /** Whether what was moved in a minute can still go to that minute. */
    static boolean isOpen(long minuteMillis, long recordMillis) {
        return recordMillis - minuteMillis < GRACE.toMillis() || recordMillis < closesAtMillis(minuteMillis);
    }

    /** The minute in which something is booked: its own, or the record's if its own is closed. */
    static long bookedMinute(long minuteMillis, long recordMillis) {
        return isOpen(minuteMillis, recordMillis) ? minuteMillis : Bucket.MINUTE.startOf(recordMillis);
    }

    private static long closesAtMillis(long minuteMillis) {
        return YearMonth.from(Instant.ofEpochMilli(minuteMillis).atOffset(ZoneOffset.UTC)).plusMonths(1).atDay(1)
                .atStartOfDay(ZoneOffset.UTC).toInstant().plus(GRACE).toEpochMilli();
    }
}
