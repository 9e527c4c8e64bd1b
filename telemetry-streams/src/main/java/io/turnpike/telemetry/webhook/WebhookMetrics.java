package io.turnpike.telemetry.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Figures of the webhooks that this process serves; no label names a tenant, a webhook or a URL. Thread-safe. */
final class WebhookMetrics {
    /** What became of an attempt, or of an event. */
    enum Result {
        /** The endpoint took the event. */
        DELIVERED,
        /** The attempt failed; the event is tried again. */
        FAILED,
        /** The event was too old when an attempt failed. */
        GIVEN_UP
    }

    /** How an endpoint fares. */
    enum Health {
        /** It took the last event, or has had none. */
        GOOD,
        /** It did not take the last event. */
        FAILING,
        /** It takes nothing, and events are given up. */
        DEAD,
        /** Nothing is sent to it. */
        DISABLED
    }

    private final Map<Result, Counter> results = new EnumMap<>(Result.class);
    private final Map<Health, AtomicLong> endpoints = new EnumMap<>(Health.class);
    private final AtomicLong queued = new AtomicLong();
    private final AtomicLong oldestSeconds = new AtomicLong();
    private final Timer latency;

    WebhookMetrics(MeterRegistry registry) {
        for (Result result : Result.values()) {
            results.put(result, Counter.builder("turn_webhook_deliveries").tag("result", label(result))
                    .description("Attempts that delivered or failed, and events that were given up.")
                    .register(registry));
        }
        for (Health health : Health.values()) {
            AtomicLong number = new AtomicLong();
            endpoints.put(health, number);
            Gauge.builder("turn_webhook_endpoints", number, AtomicLong::get).tag("health", label(health))
                    .description("Webhooks that this process serves.").register(registry);
        }
        Gauge.builder("turn_webhook_queued_events", queued, AtomicLong::get)
                .description("Events that wait in memory for their turn.").register(registry);
        Gauge.builder("turn_webhook_oldest_event_age_seconds", oldestSeconds, AtomicLong::get)
                .description("Age of the oldest event that waits, 0 if none does.").register(registry);
        latency = Timer.builder("turn_webhook_attempt_latency").description("Time of one attempt.")
                .publishPercentileHistogram().minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(60)).register(registry);
    }

    void count(Result result) {
        results.get(result).increment();
    }

    void took(Duration time) {
        latency.record(time);
    }

    void endpoints(Map<Health, Long> numbers, long queuedEvents, Duration oldest) {
        endpoints.forEach((health, number) -> number.set(numbers.getOrDefault(health, 0L)));
        queued.set(queuedEvents);
        oldestSeconds.set(oldest.toSeconds());
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
