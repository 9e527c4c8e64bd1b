package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.AuditedHours;
import io.turnpike.telemetry.query.CompletenessQueries;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.TimeRange;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Audited hours in memory. */
final class FakeCompleteness implements CompletenessQueries {
    final List<AuditedHours.Hour> hours = new CopyOnWriteArrayList<>();

    @Override
    public Answer<List<AuditedHours.Hour>> hours(TimeRange range) {
        return new Answer<>(hours.stream().filter(hour -> range.contains(hour.start()))
                .sorted(Comparator.comparing(AuditedHours.Hour::start)).toList(),
                Freshness.complete(FakeExport.AS_OF, 10));
    }
}
