package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what the API answered, by route and status, and what it refused, by kind of problem. */
final class ApiMeters {
    private final MeterRegistry registry;

    ApiMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void answered(Route route, HttpStatus status) {
        Counter.builder("turnpike.api.requests").description("Requests answered, by route and status")
                .tags("method", route.method().name(), "route", route.path(), "status", status.codeAsText())
                .register(registry).increment();
    }

    void refused(Problem.Kind kind) {
        Counter.builder("turnpike.api.problems").description("Requests refused or failed, by kind of problem")
                .tag("type", kind.label()).register(registry).increment();
    }
}
