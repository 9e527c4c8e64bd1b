package io.turnpike.telemetry.topology;

import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.ledger.ControlHistory;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;

/** The map of the stream: every source, step, store and sink in the order of the path. It holds no logic. */
public final class TelemetryTopology {
    private TelemetryTopology() {}

    /**
     * Builds the whole topology.
     *
     * @param defaultPolicy policy of a tenant that has none
     * @param history what the ledger decided before
     */
    public static Topology build(TelemetryConfig config, QuotaPolicy defaultPolicy, ControlHistory history) {
        Topology topology = new StreamsBuilder().build();
        LedgerTopology.addTo(topology, defaultPolicy, history);
        return topology;
    }
}
