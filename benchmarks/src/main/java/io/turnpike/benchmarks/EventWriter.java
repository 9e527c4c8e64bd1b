package io.turnpike.benchmarks;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes events to Kafka as relays do: keyed, acknowledged, without losing one unnoticed. Any thread writes. */
public final class EventWriter implements AutoCloseable {
    /** Longer than a broker takes for a restart. */
    private static final int DELIVERY_MILLIS = 600_000;

    private final KafkaProducer<String, byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    /** Connects to a cluster. */
    public EventWriter(String bootstrapServers) {
        RecordCodec.prepareAvro();
        producer = new KafkaProducer<>(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ProducerConfig.ACKS_CONFIG, "all", ProducerConfig.LINGER_MS_CONFIG, 5, ProducerConfig.BATCH_SIZE_CONFIG,
                64 * 1024, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MILLIS), new StringSerializer(),
                new ByteArraySerializer());
    }

    /** Sends a record; {@link #flush} says whether it arrived. */
    public void send(Topic topic, String key, SpecificRecord value) {
        producer.send(new ProducerRecord<>(topic.topicName(), key, RecordCodec.encode(value)), (metadata, error) -> {
            if (error != null) {
                failure.compareAndSet(null, error);
            }
        });
    }

    /**
     * Returns when the broker has everything that was sent.
     *
     * @throws IOException if it did not take a record, now or before
     */
    public void flush() throws IOException {
        producer.flush();
        if (failure.get() != null) {
            throw new IOException("an event could not be written", failure.get());
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
