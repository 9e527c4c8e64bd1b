package io.turnpike.telemetry.api;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaPeriodKind;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.EnumSet;

/** Fields that a quota and a proposed one have in common. */
final class QuotaFields {
    private QuotaFields() {}

    /** Length of the periods, a month by default. */
    static QuotaPeriodKind period(Body body) {
        return body.oneOf("period", EnumSet.of(QuotaPeriodKind.MONTH, QuotaPeriodKind.DAY))
                .orElse(QuotaPeriodKind.MONTH);
    }

    /** Day of a month or hour of a day at which periods begin; 0, the default, for the calendar's. */
    static int anchor(Body body, QuotaPeriodKind period) {
        return period == QuotaPeriodKind.DAY
                ? body.whole("anchor", 0, QuotaPeriod.LATEST_HOUR).orElse(0)
                : body.whole("anchor", 1, QuotaPeriod.LATEST_DAY).orElse(0);
    }

    /** Time zone in which periods begin, UTC by default. */
    static ZoneId timeZone(Body body) {
        try {
            return ZoneId.of(body.text("timeZone", 64).orElse("UTC"));
        } catch (DateTimeException e) {
            throw body.problem("timeZone", "must be an IANA time zone such as UTC or Europe/Berlin");
        }
    }
}
