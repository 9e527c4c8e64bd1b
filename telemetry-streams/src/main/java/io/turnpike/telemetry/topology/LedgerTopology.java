package io.turnpike.telemetry.topology;

import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.telemetry.ledger.ControlHistory;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;

/**
 * The sub-topology of the ledger: commands and usage reports of a tenant in, its records, policies, grants and audits
 * out. It holds no logic. {@code TelemetryTopology} adds it; other processors may hang below its two sources.
 */
public final class LedgerTopology {
    /** Source of {@link Topic#COMMAND}: String keys, bytes as they came. */
    public static final String COMMAND_SOURCE = "command-source";
    /** Source of {@link Topic#TENANT_USAGE}: String keys, bytes as they came. */
    public static final String TENANT_USAGE_SOURCE = "tenant-usage-source";

    private LedgerTopology() {}

    /**
     * Adds sources, processor, stores and sinks.
     *
     * @param topology where they go
     * @param defaultPolicy policy of a tenant that has none; its tenant id and epoch are not read
     * @param history what was decided before, read when the stores are new
     */
    public static void addTo(Topology topology, QuotaPolicy defaultPolicy, ControlHistory history) {
        topology.addSource(COMMAND_SOURCE, new StringDeserializer(), new ByteArrayDeserializer(),
                Topic.COMMAND.topicName())
                .addSource(TENANT_USAGE_SOURCE, new StringDeserializer(), new ByteArrayDeserializer(),
                        Topic.TENANT_USAGE.topicName());
    }
}
