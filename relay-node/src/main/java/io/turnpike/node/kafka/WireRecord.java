package io.turnpike.node.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A record as it goes to Kafka or into the spool.
 *
 * @param topic name of the topic
 * @param key key in text; Kafka's default partitioner takes murmur2 of its UTF-8 bytes
 * @param value Avro single-object encoding
 */
record WireRecord(String topic, String key, byte[] value) {
    ProducerRecord<byte[], byte[]> toProducerRecord() {
        return new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value);
    }
}
