package io.turnpike.node.kafka;

import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.Topic;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.SequencedEvent;
import io.turnpike.node.quota.QuotaTable;
import java.util.Base64;
import java.util.List;

/** The node's door to Kafka without Kafka: the relay's own mappings, from events to records and from records to its quotas. */
public final class SimulatedDoor {
    private static final SecretSeal SEAL = SecretSeal.withKey(Base64.getEncoder().encodeToString(new byte[32]));

    private final AvroMapping mapping;
    private final ControlState state;

    /** The door of one process. */
    public SimulatedDoor(NodeIdentity node, QuotaTable quotas) {
        mapping = new AvroMapping(node, () -> {
            throw new IllegalStateException("no heartbeat is simulated");
        });
        state = new ControlState(new ControlMapping(SEAL), new TenantDirectory(List.of()), quotas);
    }

    /** The record of an event, as Kafka would get it. */
    public byte[] record(SequencedEvent event) {
        return mapping.toWire(event).value();
    }

    /** The control topics are about to be read from their beginning. */
    public void beginReading() {
        state.beginReading();
    }

    /** The control topics have been read to their end. */
    public void endReading() {
        state.endReading();
    }

    /** Takes a control record. */
    public void apply(Topic topic, String key, byte[] value) {
        state.apply(topic, key, value);
        if (state.poison() > 0) {
            throw new IllegalStateException("a control record could not be read");
        }
    }
}
