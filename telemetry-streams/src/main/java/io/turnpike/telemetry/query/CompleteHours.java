package io.turnpike.telemetry.query;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.turnpike.telemetry.store.Bucket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which hours are complete and counted in, as steps that publish them must know it: asked of all instances now and then,
 * and believed only once the buckets are as new as that answer. Whoever publishes waits for the first answer, for a bounded
 * time; without one no hour is complete. One thread asks; reading is thread-safe.
 */
public final class CompleteHours implements AutoCloseable {
    /** How often all instances are asked. */
    public static final Duration INTERVAL = Duration.ofSeconds(10);
    /** How long the first answer is waited for. */
    static final Duration FIRST_WITHIN = Duration.ofMinutes(3);
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** Hours of which it is asked: as long as an hour may become complete and is then published again. */
    private static final Duration ASKED = Duration.ofHours(76);
    /** Hours that the gauges speak of. */
    private static final Duration SHOWN = Duration.ofHours(24);
    /** So long after its end an hour has normally been said and has arrived. */
    private static final Duration SETTLED_AFTER = Duration.ofMinutes(5);
    private static final Logger LOG = LoggerFactory.getLogger(CompleteHours.class);

    private final CompletenessQueries queries;
    private final Supplier<Optional<Instant>> usageAsOf;
    private final Clock clock;
    private final MultiGauge ratios;
    private final MultiGauge incomplete;
    private final Thread thread = new Thread(this::run, "complete-hours");
    private final Instant begun;
    private volatile Set<Long> complete;
    private Set<Long> found;
    private Instant foundAt = Instant.EPOCH;
    private Instant askedAt = Instant.EPOCH;

    /** @param usageAsOf up to when usage is in the buckets of all instances; empty while that is not known */
    public CompleteHours(CompletenessQueries queries, Supplier<Optional<Instant>> usageAsOf, MeterRegistry registry,
            Clock clock) {
        this.queries = queries;
        this.usageAsOf = usageAsOf;
        this.clock = clock;
        ratios = MultiGauge.builder("turn_telemetry_completeness_ratio")
                .description("Events of a node that have arrived, of those that it counts in the last 24 full hours.")
                .register(registry);
        incomplete = MultiGauge.builder("turn_telemetry_incomplete_hours")
                .description("Hours of a node, of the last 24 full ones, that are not complete.").register(registry);
        begun = clock.instant();
        thread.setDaemon(true);
    }

    /** Begins to ask. */
    public void start() {
        thread.start();
    }

    /** Whether all events of the hour that starts then, milliseconds since 1970, are in the buckets; empty while it is soon known. */
    public Optional<Boolean> isComplete(long hourMillis) {
        Set<Long> known = complete;
        if (known == null && clock.instant().isBefore(begun.plus(FIRST_WITHIN))) {
            return Optional.empty();
        }
        return Optional.of(known != null && known.contains(hourMillis));
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                look();
                Thread.sleep(LOOK.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks if it is time, and believes what was found if the buckets are so far. */
    void look() {
        if (found == null && !clock.instant().isBefore(askedAt.plus(INTERVAL))) {
            askedAt = clock.instant();
            ask();
        }
        if (found != null && usageAsOf.get().filter(asOf -> !asOf.isBefore(foundAt)).isPresent()) {
            complete = found;
            found = null;
        }
    }

    private void ask() {
        try {
            Instant now = clock.instant();
            Instant end = Instant.ofEpochMilli(Bucket.HOUR.startOf(now.toEpochMilli()));
            Answer<List<AuditedHours.Hour>> answer = queries.hours(new TimeRange(end.minus(ASKED), end));
            if (answer.freshness().complete() && !answer.freshness().stale()) {
                found = answer.value().stream().filter(AuditedHours.Hour::complete)
                        .map(hour -> hour.start().toEpochMilli()).collect(Collectors.toUnmodifiableSet());
                foundAt = clock.instant(); // what was counted meanwhile may be part of it
                show(answer.value(), now);
            }
        } catch (StoreUnavailable e) {
            LOG.debug("it is not known which hours are complete reason={}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.warn("cannot tell which hours are complete", e);
        }
    }

    private void show(List<AuditedHours.Hour> hours, Instant now) {
        Map<String, Shown> nodes = new TreeMap<>();
        Instant oldest = now.minus(SHOWN).minus(Bucket.HOUR.length());
        Instant newest = now.minus(SETTLED_AFTER).minus(Bucket.HOUR.length());
        hours.stream().filter(hour -> hour.start().isAfter(oldest) && !hour.start().isAfter(newest))
                .forEach(hour -> hour.nodes()
                        .forEach(node -> nodes.computeIfAbsent(node.node(), key -> new Shown()).add(node)));
        ratios.register(nodes.entrySet().stream()
                .map(node -> MultiGauge.Row.of(Tags.of("node", node.getKey()), node.getValue().ratio())).toList(),
                true);
        incomplete.register(nodes.entrySet().stream()
                .map(node -> MultiGauge.Row.of(Tags.of("node", node.getKey()), node.getValue().incomplete)).toList(),
                true);
    }

    private static final class Shown {
        private long expected;
        private long missing;
        private int incomplete;

        void add(AuditedHours.Node node) {
            expected += node.expected().orElse(0);
            missing += node.missing().orElse(0);
            incomplete += node.complete() ? 0 : 1;
        }

        double ratio() {
            return expected == 0 ? 1 : (double) (expected - missing) / expected;
        }
    }
}
