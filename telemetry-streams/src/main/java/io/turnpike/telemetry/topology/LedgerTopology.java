package io.turnpike.telemetry.topology;

import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.store.LedgerStores;
import io.turnpike.telemetry.store.RecordSerde;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * The sub-topology of the ledger: commands and usage reports of a tenant in, its records, policies, grants and audits
 * out. It holds no logic. {@link TelemetryTopology} adds it; other processors may hang below its two sources.
 */
public final class LedgerTopology {
    /** Source of {@link Topic#COMMAND}: tenant, {@link TenantCommand} or {@link WebhookCommand}. */
    public static final String COMMAND_SOURCE = "command-source";
    /** Source of {@link Topic#TENANT_USAGE}: tenant, {@link TenantNodeUsage}. */
    public static final String TENANT_USAGE_SOURCE = "tenant-usage-source";

    static final String LEDGER = "ledger";
    static final String TENANT_SINK = "tenant-sink";
    static final String POLICY_SINK = "quota-policy-sink";
    static final String REVOCATION_SINK = "revocation-sink";
    static final String WEBHOOK_SINK = "webhook-sink";
    static final String GRANT_SINK = "quota-grant-sink";
    static final String SHARE_SINK = "quota-share-sink";
    static final String AUDIT_SINK = "quota-audit-sink";

    private LedgerTopology() {}

    /**
     * Adds sources, processor, stores and sinks.
     *
     * @param topology where they go
     * @param defaultPolicy policy of a tenant that has none; its tenant id and epoch are not read
     * @param history what was decided before, read when the stores are new
     */
    public static void addTo(Topology topology, QuotaPolicy defaultPolicy, ControlHistory history) {
        EarlyCommit earlyCommit = new EarlyCommit(System::nanoTime);
        ProcessorSupplier<String, SpecificRecord, String, SpecificRecord> ledger = () -> new LedgerProcessor(
                defaultPolicy, history, System::nanoTime, earlyCommit);
        topology.addSource(COMMAND_SOURCE, new StringDeserializer(),
                RecordSerde.anyOf(List.of(TenantCommand.class, WebhookCommand.class)).deserializer(),
                Topic.COMMAND.topicName())
                .addSource(TENANT_USAGE_SOURCE, new StringDeserializer(),
                        RecordSerde.deserializer(TenantNodeUsage.class), Topic.TENANT_USAGE.topicName())
                .addProcessor(LEDGER, ledger, COMMAND_SOURCE, TENANT_USAGE_SOURCE);
        for (StoreBuilder<?> store : LedgerStores.builders()) {
            topology.addStateStore(store, LEDGER);
        }
        addSink(topology, TENANT_SINK, Topic.TENANT);
        addSink(topology, POLICY_SINK, Topic.QUOTA_POLICY);
        addSink(topology, AUDIT_SINK, Topic.QUOTA_AUDIT);
        addTenantSink(topology, REVOCATION_SINK, Topic.REVOCATION);
        addTenantSink(topology, WEBHOOK_SINK, Topic.WEBHOOK);
        addTenantSink(topology, GRANT_SINK, Topic.QUOTA_GRANT);
        addTenantSink(topology, SHARE_SINK, Topic.QUOTA_SHARE);
    }

    /** The key is the tenant, and Kafka's partitioner does the rest. */
    private static void addSink(Topology topology, String name, Topic topic) {
        topology.addSink(name, topic.topicName(), new StringSerializer(), RecordSerde.<SpecificRecord>serializer(),
                LEDGER);
    }

    /** The key holds more than the tenant. */
    private static void addTenantSink(Topology topology, String name, Topic topic) {
        topology.addSink(name, topic.topicName(), new StringSerializer(), RecordSerde.<SpecificRecord>serializer(),
                new TenantPartitioner(), LEDGER);
    }
}
