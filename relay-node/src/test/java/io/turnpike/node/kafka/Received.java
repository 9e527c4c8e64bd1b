package io.turnpike.node.kafka;

import io.turnpike.contract.RecordCodec;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.events.v1.UsageSnapshot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What has arrived in Kafka, without duplicates: the identity of a record is (epoch, sequence). */
final class Received implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<List<Long>, SpecificRecord> byIdentity = new LinkedHashMap<>();

    Received(String bootstrapServers, List<String> topics) {
        consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers, "fetch.max.wait.ms", 50,
                "isolation.level", "read_committed"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = topics.stream().flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    Received poll() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
            SpecificRecord value = ((RecordCodec.Decoded.Good) RecordCodec.decode(record.value())).record();
            EventHeader header = headerOf(value);
            List<Long> identity = List.of(header.getNodeEpoch(), header.getNodeSeq());
            byIdentity.putIfAbsent(identity, value);
        }
        return this;
    }

    <R extends SpecificRecord> List<R> all(Class<R> type) {
        List<R> found = new ArrayList<>();
        byIdentity.values().stream().filter(type::isInstance).forEach(record -> found.add(type.cast(record)));
        return found;
    }

    static EventHeader headerOf(SpecificRecord record) {
        if (record instanceof AllocationEvent event) {
            return event.getHeader();
        }
        if (record instanceof UsageSnapshot snapshot) {
            return snapshot.getHeader();
        }
        if (record instanceof TenantNodeUsage usage) {
            return usage.getHeader();
        }
        return ((NodeStatus) record).getHeader();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
