package io.turnpike.telemetry.api;

import com.linecorp.armeria.server.HttpServiceWithRoutes;
import io.micrometer.core.instrument.MeterRegistry;
import io.turnpike.telemetry.query.AllocationQueries;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.CompletenessQueries;
import io.turnpike.telemetry.query.LetterQueries;
import io.turnpike.telemetry.query.NodeQueries;
import io.turnpike.telemetry.query.OutcomeQueries;
import io.turnpike.telemetry.query.TenantQueries;
import io.turnpike.telemetry.query.UsageExport;
import io.turnpike.telemetry.query.UsageQueries;
import io.turnpike.telemetry.query.WebhookQueries;
import java.time.Clock;
import java.util.function.Supplier;

/**
 * Where the API's answers come from.
 *
 * @param usage who used what
 * @param export the same of all users
 * @param allocations allocations
 * @param outcomes how they ended
 * @param nodes relay nodes
 * @param completeness whether all that the nodes sent has arrived
 * @param tenants tenants and quotas
 * @param webhooks webhooks and how they fare
 * @param commands the door for writes
 * @param letters dead letters
 * @param peers answers the other instances of the application, on a route of its own that is for nobody else
 * @param meters where the API counts its requests and refusals
 * @param metrics the program's metrics in Prometheus' text format
 * @param readiness whether the program can answer
 * @param clock wall clock, for default ranges and expiry
 */
public record ApiSources(UsageQueries usage, UsageExport export, AllocationQueries allocations, OutcomeQueries outcomes,
        NodeQueries nodes, CompletenessQueries completeness,
        TenantQueries tenants, WebhookQueries webhooks, CommandGateway commands, LetterQueries letters,
        HttpServiceWithRoutes peers, MeterRegistry meters,
        Supplier<String> metrics,
        Supplier<Readiness> readiness, Clock clock) {}
