package io.turnpike.telemetry.topology;

import io.turnpike.contract.RecordCodec;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.NodeEntry;
import io.turnpike.telemetry.store.v1.NodeGone;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Keeps the latest heartbeat of every node, and says when an epoch no longer serves: the node went silent, or a new
 * epoch began. Silence is measured by the clock of this process from what it heard itself, and only while Kafka
 * answers, so that neither a backlog nor an outage of Kafka looks like dead nodes. Confined to its stream thread.
 */
final class NodeRegistry implements Processor<String, NodeStatus, String, NodeGone> {
    /** A node that sent no heartbeat for this long is lost; it sends one every five seconds. */
    static final Duration SILENCE = Duration.ofSeconds(15);
    static final Duration SWEEP_INTERVAL = Duration.ofSeconds(1);

    private final LongSupplier kafkaAnswersSinceMillis;
    private final Map<String, Long> heardAtMillis = new HashMap<>();
    private final Rounds rounds = new Rounds();
    private ProcessorContext<String, NodeGone> context;
    private KeyValueStore<String, NodeEntry> nodes;
    private long startedAtMillis;

    /**
     * @param kafkaAnswersSinceMillis since when Kafka answers without a break, milliseconds since 1970;
     *        {@code Long.MAX_VALUE} while it does not
     */
    NodeRegistry(LongSupplier kafkaAnswersSinceMillis) {
        this.kafkaAnswersSinceMillis = kafkaAnswersSinceMillis;
    }

    @Override
    public void init(ProcessorContext<String, NodeGone> context) {
        this.context = context;
        nodes = context.getStateStore(Stores.NODES);
        startedAtMillis = context.currentSystemTimeMs();
        rounds.end();
        rounds.every(SWEEP_INTERVAL, context, this::sweep);
    }

    @Override
    public void close() {
        rounds.end();
    }

    @Override
    public void process(Record<String, NodeStatus> record) {
        NodeStatus status = record.value();
        if (status == null) {
            return;
        }
        Door.checkNode(status.getHeader());
        Door.checkKey(record.key(), status.getHeader().getNodeId(), "header.nodeId");
        String nodeId = status.getHeader().getNodeId();
        long epoch = status.getHeader().getNodeEpoch();
        NodeEntry before = nodes.get(nodeId);
        NodeStatus known = before == null ? null : status(before);
        if (known != null && isOlder(status, known)) {
            return;
        }
        byte[] bytes = RecordCodec.encode(status);
        Door.checkStatus(bytes);
        heardAtMillis.put(nodeId, context.currentSystemTimeMs());
        nodes.put(nodeId, new NodeEntry(ByteBuffer.wrap(bytes), record.timestamp(), false));
        if (known != null && (before.getLost() || known.getHeader().getNodeEpoch() < epoch)) {
            forward(nodeId, epoch - 1, record.timestamp());
        }
    }

    private void sweep(long nowMillis) {
        long answersSince = kafkaAnswersSinceMillis.getAsLong();
        if (answersSince == Long.MAX_VALUE) {
            return;
        }
        long since = Math.max(startedAtMillis, answersSince);
        List<KeyValue<String, NodeEntry>> silent = new ArrayList<>();
        try (KeyValueIterator<String, NodeEntry> all = nodes.all()) {
            while (all.hasNext()) {
                KeyValue<String, NodeEntry> node = all.next();
                if (nowMillis - Math.max(since, heardAtMillis.getOrDefault(node.key, 0L)) > SILENCE.toMillis()) {
                    silent.add(node);
                }
            }
        }
        silent.forEach(node -> silence(node.key, node.value, nowMillis));
    }

    private void silence(String nodeId, NodeEntry entry, long nowMillis) {
        if (nowMillis - entry.getHeardAtMillis() > Stores.NODE_RETENTION.toMillis()) {
            nodes.delete(nodeId);
            heardAtMillis.remove(nodeId);
        } else if (!entry.getLost()) {
            entry.setLost(true);
            nodes.put(nodeId, entry);
            forward(nodeId, status(entry).getHeader().getNodeEpoch(), nowMillis);
        }
    }

    private void forward(String nodeId, long throughEpoch, long timestamp) {
        context.forward(new Record<>(nodeId, new NodeGone(nodeId, throughEpoch), timestamp));
    }

    private static NodeStatus status(NodeEntry entry) {
        ByteBuffer bytes = entry.getStatus().duplicate();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return RecordCodec.decode(copy, NodeStatus.class);
    }

    private static boolean isOlder(NodeStatus status, NodeStatus known) {
        long epoch = status.getHeader().getNodeEpoch();
        long knownEpoch = known.getHeader().getNodeEpoch();
        return epoch < knownEpoch || epoch == knownEpoch
                && status.getHeader().getNodeSeq() < known.getHeader().getNodeSeq();
    }
}
