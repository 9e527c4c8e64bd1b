package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.MediaType;
import io.turnpike.contract.TenantName;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.UsageExport;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;

/** The usage of all users over a period as a file, streamed. */
final class ExportResource {
    /** Parameters that say what is exported. */
    static final String[] PARAMETERS = {"period", "from", "to", "step", "tenant", "format"};
    private static final MediaType CSV = MediaType.parse("text/csv; charset=utf-8; header=present");
    private static final MediaType NDJSON = MediaType.parse("application/x-ndjson; charset=utf-8");

    /** Longer than the takeover of a partition takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final UsageExport usage;
    private final KnownTenants known;

    ExportResource(UsageExport usage, KnownTenants known) {
        this.usage = usage;
        this.known = known;
    }

    Reply export(Call call) {
        UsageWindow window = window(call);
        Optional<String> tenant = tenant(call);
        tenant.ifPresent(known::require);
        boolean isCsv = isCsv(call);
        UsageFile file = new UsageFile(window, isCsv ? UsageFile.Format.CSV : UsageFile.Format.NDJSON);
        UsagePieces pieces = UsagePieces.open(usage, tenant, file, PATIENCE);
        return Reply.streamed(isCsv ? CSV : NDJSON, pieces).with(Reply.AS_OF, Json.time(pieces.asOf()))
                .with("content-disposition", "attachment; filename=\"turnpike-usage-" + window.range().from()
                        .toString().substring(0, 10) + (isCsv ? ".csv" : ".ndjson") + '"');
    }

    private static boolean isCsv(Call call) {
        String format = call.parameter("format").orElse("csv");
        if (!format.equals("csv") && !format.equals("ndjson")) {
            throw Problem.parameter("format", "must be csv or ndjson");
        }
        return format.equals("csv");
    }

    /** A tenant's token exports this tenant; others may export all. */
    private static Optional<String> tenant(Call call) {
        Optional<String> asked = call.parameter("tenant");
        asked.ifPresent(tenant -> {
            if (!TenantName.isTenantId(tenant)) {
                throw Problem.parameter("tenant", "a tenant id matches " + TenantName.TENANT_ID.pattern());
            }
            call.caller().require(Access.TENANT, asked);
        });
        return asked.or(call.caller()::tenantId);
    }

    private static UsageWindow window(Call call) {
        Optional<String> period = call.parameter("period");
        if (period.isEmpty()) {
            return UsageWindow.of(call);
        }
        for (String name : UsageWindow.PARAMETERS) {
            if (call.parameter(name).isPresent()) {
                throw Problem.parameter(name, "either a period or a range");
            }
        }
        return UsageWindow.of(period.map(text -> start(text).toString()), period.map(text -> end(text).toString()),
                Optional.of(Step.DAY.text()), call.now());
    }

    private static Instant start(String period) {
        return firstDay(period).atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    private static Instant end(String period) {
        LocalDate first = firstDay(period);
        return (isMonth(period) ? first.plusMonths(1) : first.plusDays(1)).atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    private static LocalDate firstDay(String period) {
        try {
            return isMonth(period) ? YearMonth.parse(period).atDay(1) : LocalDate.parse(period);
        } catch (DateTimeException e) {
            throw Problem.parameter("period", "must be a month such as 2026-11 or a day such as 2026-11-22, in UTC");
        }
    }

    private static boolean isMonth(String period) {
        return period.length() == "2026-11".length();
    }
}
