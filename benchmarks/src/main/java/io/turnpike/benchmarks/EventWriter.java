package io.turnpike.benchmarks.streams;

import io.turnpike.contract.RecordCodec;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes a trace to Kafka as relays do: keyed by allocation, acknowledged, without losing one. */
final class TraceWriter implements AutoCloseable {
    private final KafkaProducer<String, byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    TraceWriter(String bootstrapServers) {
        producer = new KafkaProducer<>(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ProducerConfig.ACKS_CONFIG, "all", ProducerConfig.LINGER_MS_CONFIG, 5, ProducerConfig.BATCH_SIZE_CONFIG,
                64 * 1024), new StringSerializer(), new ByteArraySerializer());
    }

    /** Writes so many records, and returns when the broker has them. */
    void write(UsageTrace trace, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            UsageTrace.Event event = trace.next();
            producer.send(new ProducerRecord<>(event.topic().topicName(), event.key(),
                    RecordCodec.encode(event.value())), (metadata, error) -> {
                        if (error != null) {
                            failure.compareAndSet(null, error);
                        }
                    });
        }
        producer.flush();
        if (failure.get() != null) {
            throw new IOException("the trace could not be written", failure.get());
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
