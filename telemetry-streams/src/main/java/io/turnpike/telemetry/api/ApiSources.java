package io.turnpike.telemetry.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.turnpike.telemetry.query.AllocationQueries;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.NodeQueries;
import io.turnpike.telemetry.query.OutcomeQueries;
import io.turnpike.telemetry.query.TenantQueries;
import io.turnpike.telemetry.query.UsageQueries;
import java.time.Clock;
import java.util.function.Supplier;

/**
 * Where the API's answers come from.
 *
 * @param usage who used what
 * @param allocations allocations
 * @param outcomes how they ended
 * @param nodes relay nodes
 * @param tenants tenants and quotas
 * @param commands the door for writes
 * @param meters where the API counts its requests and refusals
 * @param metrics the program's metrics in Prometheus' text format
 * @param readiness whether the program can answer
 * @param clock wall clock, for default ranges and expiry
 */
public record ApiSources(UsageQueries usage, AllocationQueries allocations, OutcomeQueries outcomes, NodeQueries nodes,
        TenantQueries tenants, CommandGateway commands, MeterRegistry meters, Supplier<String> metrics,
        Supplier<Readiness> readiness, Clock clock) {}
