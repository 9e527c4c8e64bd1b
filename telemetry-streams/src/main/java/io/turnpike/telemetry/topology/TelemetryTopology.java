package io.turnpike.telemetry.topology;

import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.MilestoneEvent;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.PermissionEvent;
import io.turnpike.events.v1.UsageRollup;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.RecordSerde;
import io.turnpike.telemetry.store.StateSerde;
import io.turnpike.telemetry.store.v1.NodeCounts;
import io.turnpike.telemetry.store.v1.NodeGone;
import io.turnpike.telemetry.store.v1.UsageDelta;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * The map of the stream: every source, step, store and sink in the order of the path. It holds no logic.
 *
 * <pre>
 * turnpike.node ┬ node-registry ─ node-gone ─┐ (to every partition)
 *               └ node-counts ──────────────── │ ──────────────────────────────── completeness-auditor
 * turnpike.allocation ┐                      │
 * turnpike.bandwidth  ┴─────────────── session-tracker ┬ usage-by-user ─── user-rollup
 *                                                      └ usage-by-tenant ┬ tenant-rollup
 *                                                                        └ completeness-auditor
 * user-rollup, tenant-rollup ─ turnpike.rollup
 * turnpike.command, turnpike.tenant-usage ─ the ledger (LedgerTopology)
 * </pre>
 */
public final class TelemetryTopology {
    /** Repartition topic of users' {@link UsageDelta}, without the application's name. */
    public static final String USAGE_BY_USER = "usage-by-user";
    /** Repartition topic of the {@link UsageDelta} of tenants, nodes and the cluster, without the application's name. */
    public static final String USAGE_BY_TENANT = "usage-by-tenant";
    /** Repartition topic of {@link NodeGone}, without the application's name. */
    public static final String NODE_GONE = "node-gone";
    /** Repartition topic of {@link NodeCounts}, without the application's name. */
    public static final String NODE_COUNTS = "node-counts";

    private static final List<Class<? extends SpecificRecord>> SESSION_EVENTS = List.of(AllocationEvent.class,
            PermissionEvent.class, MilestoneEvent.class, UsageSnapshot.class);

    private TelemetryTopology() {}

    /** The full name of one of the repartition topics. */
    public static String repartitionTopic(String applicationId, String name) {
        return applicationId + '-' + name + "-repartition";
    }

    /**
     * Builds the whole topology.
     *
     * @param settings of Kafka Streams; names of everything are explicit, and checked by it
     * @param partitions how many partitions a topic has
     * @param metrics what the steps count about themselves
     * @param kafkaAnswersSinceMillis since when Kafka answers without a break; {@code Long.MAX_VALUE} while it does not
     * @param defaultPolicy policy of a tenant that has none
     * @param history what the ledger decided before
     * @param completeHours whether all events of the hour with this start, milliseconds since 1970, are counted in;
     *        empty while that is not known yet
     */
    public static Topology build(Properties settings, ToIntFunction<Topic> partitions, TelemetryMetrics metrics,
            LongSupplier kafkaAnswersSinceMillis, QuotaPolicy defaultPolicy, ControlHistory history,
            LongFunction<Optional<Boolean>> completeHours) {
        StreamsBuilder builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(settings)));
        int allocationPartitions = partitions.applyAsInt(Topic.ALLOCATION);
        int tenantPartitions = partitions.applyAsInt(Topic.TENANT_USAGE);

        KStream<String, NodeStatus> heartbeats = builder.stream(Topic.NODE.topicName(),
                Consumed.with(Serdes.String(), RecordSerde.of(NodeStatus.class)).withName("node-source"));

        KStream<String, SpecificRecord> nodeGone = heartbeats
                .process(new Steps.NodeRegistrySupplier(kafkaAnswersSinceMillis), Named.as("node-registry"))
                .repartition(Repartitioned.<String, NodeGone>as(NODE_GONE).withKeySerde(Serdes.String())
                        .withValueSerde(StateSerde.nodeGone()).withNumberOfPartitions(allocationPartitions)
                        .withStreamPartitioner(TelemetryTopology::everyPartition))
                .mapValues(gone -> (SpecificRecord) gone, Named.as("node-gone-event"));

        KStream<String, UsageDelta> tracked = builder
                .stream(List.of(Topic.ALLOCATION.topicName(), Topic.BANDWIDTH.topicName()),
                        Consumed.with(Serdes.String(), RecordSerde.anyOf(SESSION_EVENTS)).withName("session-source"))
                .merge(nodeGone, Named.as("session-events"))
                .process(new Steps.SessionTrackerSupplier(metrics), Named.as("session-tracker"));

        tracked.filterNot(TelemetryTopology::isOfScope, Named.as("user-deltas"))
                .repartition(deltas(USAGE_BY_USER).withNumberOfPartitions(allocationPartitions))
                .process(new Steps.UserRollupSupplier(metrics, completeHours), Named.as("user-rollup"))
                .to(Topic.ROLLUP.topicName(), rollups("user-rollup-sink"));

        KStream<String, UsageDelta> scopes = tracked
                .filter(TelemetryTopology::isOfScope, Named.as("tenant-deltas"))
                .repartition(deltas(USAGE_BY_TENANT).withNumberOfPartitions(tenantPartitions));
        scopes.process(new Steps.TenantRollupSupplier(metrics, completeHours), Named.as("tenant-rollup"))
                .to(Topic.ROLLUP.topicName(), rollups("tenant-rollup-sink"));

        KStream<String, SpecificRecord> nodeCounts = heartbeats
                .flatMap(NodeStatements::of, Named.as("node-statements"))
                .repartition(Repartitioned.<String, NodeCounts>as(NODE_COUNTS).withKeySerde(Serdes.String())
                        .withValueSerde(StateSerde.nodeCounts()).withNumberOfPartitions(tenantPartitions))
                .mapValues(counts -> (SpecificRecord) counts, Named.as("node-counts-event"));
        scopes.filter(TelemetryTopology::hasEvents, Named.as("node-events"))
                .mapValues(delta -> (SpecificRecord) delta, Named.as("node-arrivals")).merge(nodeCounts,
                        Named.as("audit-events"))
                .process(new Steps.AuditorSupplier(metrics), Named.as("completeness-auditor"));

        Topology topology = builder.build(settings);
        LedgerTopology.addTo(topology, defaultPolicy, history);
        return topology;
    }

    /** Whether it is of a tenant, a node or the cluster, and of no user. */
    private static boolean isOfScope(String key, UsageDelta delta) {
        return delta.getUserId().isEmpty();
    }

    private static boolean hasEvents(String key, UsageDelta delta) {
        return !delta.getEvents().isEmpty();
    }

    private static Repartitioned<String, UsageDelta> deltas(String name) {
        return Repartitioned.<String, UsageDelta>as(name).withKeySerde(Serdes.String())
                .withValueSerde(StateSerde.usageDelta());
    }

    private static Produced<String, UsageRollup> rollups(String sink) {
        return Produced.with(Serdes.String(), RecordSerde.of(UsageRollup.class)).withName(sink);
    }

    private static Optional<Set<Integer>> everyPartition(String topic, String key, NodeGone gone, int partitions) {
        return Optional.of(IntStream.range(0, partitions).boxed().collect(Collectors.toSet()));
    }
}
