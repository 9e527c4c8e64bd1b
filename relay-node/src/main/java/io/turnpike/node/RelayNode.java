package io.turnpike.node;

import io.turnpike.node.auth.ConfiguredTenants;
import io.turnpike.node.auth.LongTermCredentials;
import io.turnpike.node.auth.Tenant;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.kafka.NodeEpoch;
import io.turnpike.node.kafka.SpendFile;
import io.turnpike.node.ops.AdminServer;
import io.turnpike.node.ops.HealthChecks;
import io.turnpike.node.ops.NodeMetric;
import io.turnpike.node.ops.NodeMetrics;
import io.turnpike.node.quota.QuotaTable;
import io.turnpike.node.quota.SpendLog;
import io.turnpike.node.transport.DtlsListening;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.node.transport.RelayLoops;
import io.turnpike.node.transport.SocketEngine;
import io.turnpike.node.transport.StreamService;
import io.turnpike.node.transport.tls.TlsService;
import io.turnpike.node.turn.OwnerStanding;
import io.turnpike.node.turn.RejectionSampling;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * A relay node, put together in the order of the path: who it is, where events go, what may be spent, who may ask, the
 * loops with their pipelines, the listeners. Several can live in one process. A map, not logic.
 */
public final class RelayNode implements AutoCloseable {
    private final ResourceStack resources = new ResourceStack();
    private final NodeIdentity identity;
    private final EventBuffer events;
    private final QuotaTable quota;
    private final NodePipelines pipelines;
    private final NodeListeners listeners;
    private final NodeDrain drain;
    private final Duration drainDeadline;
    private final AdminServer admin;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RelayNode(RelayConfig config) throws IOException {
        drainDeadline = config.drain().deadline();
        try {
            Clock clock = Clock.systemUTC();
            Instant startedAt = clock.instant();
            NodeEpoch epoch = resources.add(NodeEpoch.take(config.node().dataDir(), clock));
            identity = new NodeIdentity(config.node().id(), epoch.value(), new SecureRandom().nextLong());
            SocketEngine engine = SocketEngine.choose(config.transport().name().toLowerCase(Locale.ROOT));

            // What is told and what may be spent.
            events = new EventBuffer(config.kafka().ringSlots());
            NodeMetrics metrics = resources.add(new NodeMetrics());
            RejectionSampling rejections = new RejectionSampling(System::nanoTime);
            EventSink sink = new MeteredEvents(
                    config.kafka().enabled() ? new SampledRejections(events, rejections) : event -> {}, metrics);
            int loopCount = RelayLoops.count(config.eventLoops());
            Optional<SpendLog> spendLog = config.kafka().enabled()
                    ? Optional.of(
                            resources.add(SpendFile.open(config.node().dataDir(), identity.nodeId(), epoch.isFirst())))
                    : Optional.empty();
            quota = new QuotaTable(identity, QuotaConfiguration.settings(config.quota(), loopCount), System::nanoTime,
                    clock, sink, spendLog);

            // Who may ask, and for what.
            TenantDirectory tenants = ConfiguredTenants.directory(config);
            LongTermCredentials credentials = LongTermCredentials.of(config, tenants, clock);
            NodeServices services = NodeServices.of(config, identity, sink, quota, credentials,
                    new OwnerStanding(tenants, clock));

            // The control plane: who is a tenant, what was granted, where events go.
            ControlPlane control = resources.add(ControlPlane.start(config, identity, events, tenants, quota,
                    clock));

            // What streams are made of: certificates, bounds.
            Function<String, Optional<String>> tenantOfServerName = name -> tenants.ofServerName(name).map(Tenant::id);
            Optional<TlsService> tls = NodeTls.of(config.tls(), tenantOfServerName);
            tls.ifPresent(resources::add);
            StreamService streams = new StreamService(config.stream(), tls);

            // The loops, each with its own pipeline.
            RelayLoops loops = resources
                    .add(new RelayLoops(engine, loopCount, "relay-" + identity.nodeId(), config.relay().dscp()));
            pipelines = resources.add(new NodePipelines(loops, services, streams));
            tenants.onNarrowed(pipelines::review);

            // What clients and operators reach, and what clients must not.
            ClusterServices cluster = resources
                    .add(ClusterServices.watch(services.peerPolicy(), config, control::announcedBrokers));
            Optional<DtlsListening> dtls = NodeDtls.of(config, tls.map(TlsService::certificates),
                    tenantOfServerName);
            dtls.ifPresent(resources::add);
            listeners = resources.add(new NodeListeners(loops, pipelines, config.listeners(), cluster, dtls));
            drain = new NodeDrain(services.drain(), pipelines);
            NodeObservation observation = new NodeObservation(pipelines);
            observation.bind(metrics);
            metrics.observe(NodeMetric.TELEMETRY_LEFT_OUT, rejections::leftOut, "allocation_rejected");
            NodeTls.bind(metrics, streams);
            dtls.ifPresent(listening -> NodeDtls.bind(metrics, listening));
            resources.add(new NodeHeartbeat(observation, listeners, drain, sink, clock, startedAt));
            HealthChecks health = new HealthChecks();
            control.bind(metrics, health, events, quota);
            drain.bind(metrics, health);
            admin = resources.add(AdminServer.start(config.admin(), health, metrics, drain));
            cluster.addBound(admin.address());
        } catch (RuntimeException | IOException e) {
            resources.close();
            throw e;
        }
    }

    /**
     * Starts a node; it serves when this returns.
     *
     * @throws io.turnpike.node.transport.ListenerBindException if a listener's port is taken
     * @throws IOException if the admin port is taken
     */
    public static RelayNode start(RelayConfig config) throws IOException {
        return new RelayNode(config);
    }

    /** Who this process is. */
    public NodeIdentity identity() {
        return identity;
    }

    /** Listening addresses with the ports that were chosen. */
    public List<ListenerAddress> listeners() {
        return listeners.addresses();
    }

    /** Where health, metrics and drain are served. */
    public InetSocketAddress adminAddress() {
        return admin.address();
    }

    /** Live allocations. */
    public int allocations() {
        return pipelines.allocations();
    }

    /**
     * Stops as an operator wishes: sends new clients away and lets live allocations go on for {@code drain.deadline},
     * then closes.
     */
    public void drainAndClose() {
        try {
            drain.drainFor(drainDeadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    /** Five-tuples whose allocation lives on another event loop than the one they arrive on. */
    int guests() {
        return pipelines.guests();
    }

    /** Stops: no new clients, then final figures of every allocation, then what carries them away. Once is enough. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        listeners.close();
        pipelines.endAll();
        resources.close();
    }
}
