package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.query.UsageExport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/** Partitions of users in memory, which may be endless, stale, or away. */
final class FakeExport implements UsageExport {
    static final Instant AS_OF = Instant.parse("2026-11-22T10:17:40Z");

    final List<List<Row>> partitions = new CopyOnWriteArrayList<>(List.of(List.of(), List.of()));
    final AtomicInteger asked = new AtomicInteger();
    volatile IntPredicate isStale = partition -> false;
    volatile IntPredicate isBroken = partition -> false;
    volatile boolean isEndless;

    @Override
    public int partitions() {
        return partitions.size();
    }

    @Override
    public Answer<Piece> piece(int partition, Optional<String> tenantId, TimeRange range, Step step, int most,
            Optional<After> after) {
        asked.incrementAndGet();
        if (isBroken.test(partition)) {
            throw new IllegalStateException("broken");
        }
        Freshness freshness = new Freshness(AS_OF, 10, true, List.of(), isStale.test(partition));
        List<Row> rows = partitions.get(partition).stream()
                .filter(row -> tenantId.map(row.tenant()::equals).orElse(true))
                .filter(row -> after.map(last -> row.user().compareTo(last.user()) > 0).orElse(true)).toList();
        List<Row> taken = rows.subList(0, Math.min(most, rows.size()));
        boolean ends = taken.size() == rows.size() && !isEndless;
        Optional<After> next = ends || taken.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        isEndless
                                ? new After("", "")
                                : new After(taken.get(taken.size() - 1).tenant(), taken.get(
                                        taken.size() - 1).user()));
        return new Answer<>(new Piece(taken, next), freshness);
    }
}
