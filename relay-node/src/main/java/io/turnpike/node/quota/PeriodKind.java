package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.time.Instant;
import java.time.ZoneId;

/** Length of a quota's calendar period. */
public enum PeriodKind {
    MONTH, DAY;

    /** The period that holds the instant and begins at the day or hour {@code anchor}; 0 for the calendar's. */
    public QuotaPeriod at(Instant instant, int anchor, ZoneId zone) {
        return switch (this) {
            case MONTH -> QuotaPeriod.month(instant, anchor, zone);
            case DAY -> QuotaPeriod.day(instant, anchor, zone);
        };
    }
}
