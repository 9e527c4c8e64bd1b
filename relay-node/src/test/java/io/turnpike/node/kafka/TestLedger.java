package io.turnpike.node.kafka;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.node.event.NodeIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker with a ledger that grants what a test says and nothing else, and reads what nodes say that they have spent. */
public final class TestLedger implements AutoCloseable {
    static {
        RecordCodec.prepareAvro();
    }

    private final EmbeddedKafka kafka;

    private TestLedger(EmbeddedKafka kafka) {
        this.kafka = kafka;
    }

    /** Starts the broker on a folder. */
    public static TestLedger start(Path folder) throws Exception {
        EmbeddedKafka kafka = new EmbeddedKafka(folder);
        kafka.start();
        return new TestLedger(kafka);
    }

    /** Where the broker is. */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /**
     * Lets a node spend up to the given bytes of a tenant in this month.
     *
     * @param sequence grows with each grant of a node
     */
    public void grant(NodeIdentity node, String tenant, long sequence, long bytes) throws Exception {
        QuotaPeriod period = QuotaPeriod.month(Instant.now(), 0, ZoneOffset.UTC);
        QuotaGrant grant = QuotaGrant.newBuilder().setTenantId(tenant).setPeriodId(period.id())
                .setPeriodStart(period.start()).setPeriodEnd(period.end()).setNodeId(node.nodeId())
                .setNodeEpoch(node.epoch()).setProcessNonce(node.processNonce()).setPolicyEpoch(0)
                .setMode(QuotaMode.HARD).setGrantSeq(sequence).setGrantBytes(bytes).setDrawnBytes(0).setSpentBytes(0)
                .setState(QuotaState.OPEN).setAnsweredReportMonotonicNanos(System.nanoTime()).setLeaseMillis(3_600_000)
                .setIssuedAt(Instant.now()).build();
        String key = new QuotaAccountKey(tenant, period.id(), node.nodeId(), node.epoch(), node.processNonce(), "")
                .text();
        Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topic.QUOTA_GRANT.topicName(), key.getBytes(StandardCharsets.UTF_8),
                    RecordCodec.encode(grant))).get();
        }
    }

    /** The largest figure that a node has reported as spent so far; 0 if it has not reported. */
    public long spent(NodeIdentity node) {
        try (Received received = new Received(kafka.bootstrapServers(), List.of(Topic.TENANT_USAGE.topicName()))) {
            long most = 0;
            for (int polls = 0; polls < 5; polls++) {
                for (TenantNodeUsage usage : received.poll().all(TenantNodeUsage.class)) {
                    if (usage.getHeader().getNodeId().equals(node.nodeId())) {
                        most = Math.max(most, usage.getAccounts().stream()
                                .mapToLong(account -> account.getSpentBytes()).max().orElse(0));
                    }
                }
            }
            return most;
        }
    }

    @Override
    public void close() {
        kafka.close();
    }
}
