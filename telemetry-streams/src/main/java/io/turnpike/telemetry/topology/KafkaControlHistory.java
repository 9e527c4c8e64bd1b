package io.turnpike.telemetry.topology;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
import io.turnpike.telemetry.ledger.ControlHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads the control topics themselves. It reads committed records only, but up to the end that holds uncommitted ones
 * too: behind a transaction that a dead process left open, another process may have committed grants, and the broker
 * shows them once that transaction is aborted (QUOTA.md rule 21).
 */
public final class KafkaControlHistory implements ControlHistory {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final List<Topic> TOPICS = List.of(Topic.TENANT, Topic.QUOTA_POLICY, Topic.QUOTA_GRANT,
            Topic.REVOCATION, Topic.WEBHOOK, Topic.QUOTA_SHARE);

    private final Map<String, Object> clientSettings;
    private final Duration patience;

    /**
     * @param clientSettings bootstrap servers and security
     * @param patience longest time for one partition; above the transaction time-out, below {@code max.poll.interval.ms}
     */
    public KafkaControlHistory(Map<String, Object> clientSettings, Duration patience) {
        this.clientSettings = Map.copyOf(clientSettings);
        this.patience = patience;
    }

    @Override
    public Decided read(int partition) {
        List<TopicPartition> topics = TOPICS.stream().map(topic -> new TopicPartition(topic.topicName(), partition))
                .toList();
        Map<TopicPartition, Long> ends = ends(topics, partition);
        Map<TopicPartition, Map<String, SpecificRecord>> newest = new HashMap<>();
        topics.forEach(topic -> newest.put(topic, new LinkedHashMap<>()));
        try (Consumer<String, byte[]> consumer = consumer(IsolationLevel.READ_COMMITTED)) {
            consumer.assign(topics);
            consumer.seekToBeginning(topics);
            long deadline = System.nanoTime() + patience.toNanos();
            while (!topics.stream().allMatch(topic -> consumer.position(topic) >= ends.get(topic))) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("control topics of partition " + partition
                            + " could not be read whole within " + patience + "; nothing is granted before");
                }
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    take(newest.get(new TopicPartition(record.topic(), record.partition())), record);
                }
            }
        }
        return new Decided(of(TenantRecord.class, newest.get(topics.get(0))),
                of(QuotaPolicy.class, newest.get(topics.get(1))), of(QuotaGrant.class, newest.get(topics.get(2))),
                of(Revocation.class, newest.get(topics.get(3))), of(Webhook.class, newest.get(topics.get(4))),
                of(QuotaShare.class, newest.get(topics.get(5))));
    }

    private Map<TopicPartition, Long> ends(List<TopicPartition> topics, int partition) {
        try (Consumer<String, byte[]> consumer = consumer(IsolationLevel.READ_UNCOMMITTED)) {
            int expected = partitions(consumer, Topic.TENANT_USAGE.topicName());
            for (TopicPartition topic : topics) {
                int actual = partitions(consumer, topic.topic());
                if (actual != expected) {
                    throw new IllegalStateException(topic.topic() + " has " + actual + " partitions and "
                            + Topic.TENANT_USAGE.topicName() + " has " + expected
                            + "; they must be equal and never change, or tenants lose their ledger (partition "
                            + partition + ")");
                }
            }
            return consumer.endOffsets(topics);
        }
    }

    private static int partitions(Consumer<String, byte[]> consumer, String topic) {
        List<PartitionInfo> partitions = consumer.partitionsFor(topic);
        return partitions == null ? 0 : partitions.size();
    }

    private static void take(Map<String, SpecificRecord> newest, ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            newest.remove(record.key());
        } else if (RecordCodec.decode(record.value()) instanceof RecordCodec.Decoded.Good good) {
            newest.put(record.key(), good.record());
        } else {
            throw new IllegalStateException("cannot read " + record.topic() + "-" + record.partition() + " at offset "
                    + record.offset() + "; a grant that cannot be read cannot be charged, so nothing is granted");
        }
    }

    private static <R extends SpecificRecord> List<R> of(Class<R> type, Map<String, SpecificRecord> records) {
        List<R> found = new ArrayList<>();
        records.values().forEach(record -> found.add(type.cast(record)));
        return found;
    }

    private Consumer<String, byte[]> consumer(IsolationLevel isolation) {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation.toString());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }
}
