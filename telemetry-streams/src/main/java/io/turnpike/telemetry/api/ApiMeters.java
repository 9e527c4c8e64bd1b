package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpStatus;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what the API answered, by route and status, and what it refused, by kind of problem. */
final class ApiMeters {
    private final MeterRegistry registry;

    ApiMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void answered(Route route, HttpStatus status) {
        registry.counter("turnpike.api.requests", "method", route.method().name(), "route", route.path(), "status",
                status.codeAsText()).increment();
    }

    void refused(Problem.Kind kind) {
        registry.counter("turnpike.api.problems", "type", kind.label()).increment();
    }
}
