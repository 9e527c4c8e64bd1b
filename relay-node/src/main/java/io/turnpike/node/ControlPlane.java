package io.turnpike.node;

import io.turnpike.contract.SecretSeal;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.config.HostAndPort;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.EventPriority;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.kafka.KafkaLink;
import io.turnpike.node.ops.HealthChecks;
import io.turnpike.node.ops.HealthChecks.Health;
import io.turnpike.node.ops.NodeMetric;
import io.turnpike.node.ops.NodeMetrics;
import io.turnpike.node.quota.QuotaReporter;
import io.turnpike.node.quota.QuotaTable;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Who is a tenant, what was granted, and where events go: the link to Kafka with the quota reports that travel on it, or
 * neither where the node runs on its configuration alone.
 */
final class ControlPlane implements AutoCloseable {
    /** How long a node that starts keeps clients away while it waits for tenants and policies. */
    private static final long CATCH_UP_NANOS = Duration.ofSeconds(10).toNanos();
    private static final double NANOS_PER_SECOND = 1e9;
    private static final Duration SETTLE_WITHIN = Duration.ofSeconds(2);
    private static final Duration OFFERED_WITHIN = Duration.ofSeconds(1);

    private final Optional<KafkaLink> link;
    private final QuotaReporter reporter;
    private final long startedAtNanos = System.nanoTime();

    private ControlPlane(Optional<KafkaLink> link, QuotaReporter reporter) {
        this.link = link;
        this.reporter = reporter;
    }

    /** Starts it, without waiting for Kafka. */
    static ControlPlane start(RelayConfig config, NodeIdentity identity, EventBuffer events, TenantDirectory tenants,
            QuotaTable quota, Clock clock) throws IOException {
        Optional<KafkaLink> link = Optional.empty();
        if (config.kafka().enabled()) {
            SecretSeal seal = SecretSeal.withKey(config.clusterKey().orElseThrow().reveal());
            link = Optional.of(KafkaLink.start(config.kafka(), new KafkaLink.Parts(identity, config.node().dataDir(),
                    seal, events, tenants, quota, clock, longestInterval(config.usage()))));
        } else {
            quota.controlCaughtUp();
        }
        Optional<KafkaLink> kafka = link;
        QuotaReporter reporter = new QuotaReporter(quota,
                () -> kafka.filter(KafkaLink::isControlConnected).isPresent() ? SETTLE_WITHIN : Duration.ZERO);
        reporter.start();
        return new ControlPlane(link, reporter);
    }

    /** Between two samples of an allocation, and a little for an event that is made and not offered yet. */
    private static Duration longestInterval(RelayConfig.UsageConfig usage) {
        return usage.idleInterval().plus(usage.activeInterval()).plus(OFFERED_WITHIN);
    }

    /** Shows how the node stands with Kafka. */
    void bind(NodeMetrics metrics, HealthChecks health, EventBuffer events, QuotaTable quota) {
        metrics.observe(NodeMetric.QUOTA_GRANT_AGE, () -> quota.nanosSinceGrant() / NANOS_PER_SECOND);
        quota.onGrantWait(nanos -> metrics.record(NodeMetric.QUOTA_GRANT_WAIT, Duration.ofNanos(nanos)));
        metrics.observe(NodeMetric.QUOTA_CONTROL_LOST, quota::tenantsWithoutControl);
        metrics.observe(NodeMetric.QUOTA_SPENDING_WRITTEN, () -> quota.isSpendingKept() ? 1 : 0);
        metrics.observe(NodeMetric.QUOTA_CONTROL_CONNECTED,
                () -> link.filter(KafkaLink::isControlConnected).isPresent() ? 1 : 0);
        link.ifPresent(kafka -> {
            kafka.onAcknowledged(nanos -> metrics.record(NodeMetric.TELEMETRY_SEND_LATENCY, Duration.ofNanos(nanos)));
            metrics.observe(NodeMetric.TELEMETRY_SPOOL, kafka::spoolBytes);
            health.addReady("control", () -> health(kafka));
        });
        metrics.observe(NodeMetric.TELEMETRY_QUEUE,
                () -> link.map(KafkaLink::queueDepth).orElseGet(events::depth));
        for (EventPriority priority : EventPriority.values()) {
            metrics.observe(NodeMetric.TELEMETRY_DROPPED,
                    () -> link.map(kafka -> kafka.droppedRecords(priority)).orElse(0L),
                    priority.name().toLowerCase(Locale.ROOT));
        }
    }

    /** The brokers that Kafka has now; none if there is no Kafka or it does not answer. */
    List<HostAndPort> announcedBrokers() {
        return link.map(KafkaLink::announcedBrokers).orElse(List.of());
    }

    private Health health(KafkaLink kafka) {
        if (kafka.isControlConnected()) {
            return Health.OK;
        }
        if (!kafka.isControlCaughtUp() && System.nanoTime() - startedAtNanos < CATCH_UP_NANOS) {
            return Health.failing("tenants and policies are being read");
        }
        return Health.ok("Kafka is away: serving the tenants that are known, keeping events");
    }

    /** Settles the quota accounts, then sends what is left. */
    @Override
    public void close() {
        reporter.close();
        link.ifPresent(KafkaLink::close);
    }
}
