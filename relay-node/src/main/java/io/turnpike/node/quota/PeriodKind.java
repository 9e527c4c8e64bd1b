package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.time.Instant;
import java.time.ZoneId;

/** Length of a quota's calendar period. */
public enum PeriodKind {
    MONTH, DAY;

    /** The period that holds the instant. */
    public QuotaPeriod at(Instant instant, ZoneId zone) {
        return switch (this) {
            case MONTH -> QuotaPeriod.month(instant, zone);
            case DAY -> QuotaPeriod.day(instant, zone);
        };
    }
}
