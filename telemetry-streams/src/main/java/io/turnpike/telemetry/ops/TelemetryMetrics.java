package io.turnpike.telemetry.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The figures that the application keeps about itself, under names that dashboards rely on. All series exist at 0 from
 * the start. They describe the work of this process, repeated work after a failure included; usage itself is exact in
 * the stores only. Thread-safe.
 */
public final class TelemetryMetrics {
    /** Tenants that get a label of their own; the rest is {@code other}, so that labels stay bounded. */
    static final int LABELLED_TENANTS = 200;

    /** Why a record was put aside. */
    public enum DeadLetterReason {
        /** The bytes are no record that this build reads. */
        UNREADABLE,
        /** The record was read, and what it says cannot be. */
        NONSENSE,
        /** A step failed on it. */
        FAILED,
        /** What a step made of it cannot be written. */
        UNSENDABLE;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where the answer of a query came from. */
    public enum Route {
        /** The stores of this instance. */
        LOCAL,
        /** The stores of another instance, for a part at least. */
        FORWARDED,
        /** A copy, for a part at least, because an owner did not answer. */
        COPY,
        /** Nowhere: it was not answered in time. */
        FAILED;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final MeterRegistry registry;
    private final Map<DeadLetterReason, Counter> deadLetters = new EnumMap<>(DeadLetterReason.class);
    private final Map<Route, Counter> queries = new EnumMap<>(Route.class);
    private final Map<String, Counter> usage = new ConcurrentHashMap<>();
    private final Map<String, String> tenantLabels = new ConcurrentHashMap<>();
    private final Counter duplicates;
    private final Counter repeated;
    private final Counter clamped;
    private final Counter adjusted;
    private final Counter expired;
    private final Counter aborts;
    private final Timer queryLatency;

    /** Registers every series. */
    public TelemetryMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (DeadLetterReason reason : DeadLetterReason.values()) {
            deadLetters.put(reason, Counter.builder("turn_dlq_records").tag("reason", reason.label())
                    .description("Records put aside into the dead-letter topic.").register(registry));
        }
        for (Route route : Route.values()) {
            queries.put(route, Counter.builder("turn_iq_requests").tag("route", route.label())
                    .description("Queries to the stores.").register(registry));
        }
        duplicates = Counter.builder("turn_telemetry_duplicates")
                .description("Usage snapshots that added nothing: duplicates, late ones, idle intervals.")
                .register(registry);
        repeated = Counter.builder("turn_telemetry_repeated_records")
                .description("Events of allocations that had arrived before.").register(registry);
        clamped = Counter.builder("turn_telemetry_clamped_records")
                .description("Records whose event time was out of range and was clamped.").register(registry);
        adjusted = Counter.builder("turn_telemetry_adjusted_bytes")
                .description("Billable bytes that came to be known after their month was closed.").register(registry);
        expired = Counter.builder("turn_telemetry_expired_rows").description("Rows removed at the end of their time.")
                .register(registry);
        aborts = Counter.builder("turn_telemetry_aborted_transactions")
                .description("Transactions that were aborted because a step failed, or Kafka did not take its result.")
                .register(registry);
        queryLatency = Timer.builder("turn_iq_latency").description("Time to answer a query from the stores.")
                .publishPercentileHistogram().register(registry);
    }

    /** Where it all is registered. */
    public MeterRegistry registry() {
        return registry;
    }

    /** A record was put aside. */
    public void deadLetter(DeadLetterReason reason) {
        deadLetters.get(reason).increment();
    }

    /** Whether many records are put aside. */
    void deadLetterAlarm(BooleanSupplier alarming) {
        Gauge.builder("turn_dlq_alarm", alarming, now -> now.getAsBoolean() ? 1 : 0).strongReference(true)
                .description("1 while many records are put aside, in this minute or the last, else 0.")
                .register(registry);
    }

    /** A transaction is aborted because a step failed, or Kafka did not take its result. */
    void abort() {
        aborts.increment();
    }

    /** A usage snapshot added nothing. */
    public void duplicate() {
        duplicates.increment();
    }

    /** An event of an allocation had arrived before. */
    public void repeated() {
        repeated.increment();
    }

    /** An event time was out of range. */
    public void clamped() {
        clamped.increment();
    }

    /** Billable bytes were booked as an adjustment. */
    public void adjusted(long bytes) {
        adjusted.increment(bytes);
    }

    /** Rows reached the end of their time. */
    public void expired(int rows) {
        expired.increment(rows);
    }

    /** A query was answered or failed. */
    public void query(Route route, long nanos) {
        queries.get(route).increment();
        queryLatency.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Billable bytes of a tenant were booked. */
    public void billable(String tenantId, long bytes) {
        String label = tenantLabels.size() < LABELLED_TENANTS
                ? tenantLabels.computeIfAbsent(tenantId, id -> id)
                : tenantLabels.getOrDefault(tenantId, "other");
        usage.computeIfAbsent(label, tenant -> Counter.builder("turn_usage_billable_bytes").tag("tenant", tenant)
                .description("Billable bytes booked by this process.").register(registry)).increment(bytes);
    }
}
