package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.HttpServiceWithRoutes;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.Set;

/** The telemetry application in memory: for each of its roles a few maps that answer as the stores would, each guarded by its monitor. */
final class FakeTelemetry {
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final FakeStores stores;
    final FakeUsage usage;
    final FakeExport export = new FakeExport();
    final FakeAllocations allocations;
    final FakeOutcomes outcomes;
    final FakeNodes nodes;
    final FakeCompleteness completeness = new FakeCompleteness();
    final FakeQuotas quotas;
    final FakeWebhooks webhooks;
    final FakeTenants tenants;
    final FakeLetters letters = new FakeLetters();
    private final Clock clock;
    private volatile Readiness readiness = Readiness.yes();

    FakeTelemetry(Clock clock) {
        this.clock = clock;
        stores = new FakeStores(clock);
        usage = new FakeUsage(stores);
        allocations = new FakeAllocations(stores);
        outcomes = new FakeOutcomes(stores);
        nodes = new FakeNodes(stores);
        quotas = new FakeQuotas(stores, usage, clock);
        webhooks = new FakeWebhooks(stores);
        tenants = new FakeTenants(stores, quotas, webhooks);
    }

    /** Forgets everything, as if it were new. */
    void clear() {
        stores.clear();
        usage.clear();
        allocations.clear();
        outcomes.clear();
        nodes.clear();
        completeness.hours.clear();
        quotas.clear();
        webhooks.clear();
        tenants.clear();
        letters.clear();
        readiness = Readiness.yes();
    }

    ApiSources sources() {
        return new ApiSources(usage, export, allocations, outcomes, nodes, completeness, tenants, webhooks, tenants,
                letters, new NoPeers(), meters, () -> "# fake metrics\nturnpike_up 1\n", () -> readiness, clock);
    }

    void readiness(Readiness now) {
        readiness = now;
    }

    /** Instances ask each other on a route that the API does not describe. */
    private static final class NoPeers implements HttpServiceWithRoutes {
        @Override
        public Set<com.linecorp.armeria.server.Route> routes() {
            return Set.of(com.linecorp.armeria.server.Route.builder().path("/internal/test").build());
        }

        @Override
        public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
            return HttpResponse.of(HttpStatus.UNAUTHORIZED);
        }
    }
}
