package io.turnpike.telemetry.api;

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

    /** Time zone in which periods begin, UTC by default. */
    static ZoneId timeZone(Body body) {
        try {
            return ZoneId.of(body.text("timeZone", 64).orElse("UTC"));
        } catch (DateTimeException e) {
            throw body.problem("timeZone", "must be an IANA time zone such as UTC or Europe/Berlin");
        }
    }
}
