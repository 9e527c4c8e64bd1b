package io.turnpike.node.kafka;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's idempotent producer. Made at the first record, since making it asks the network for names; made anew after an
 * error from which a producer does not recover. Confined to the publisher thread.
 */
final class KafkaSender implements RecordSender {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSender.class);

    private final Map<String, Object> settings;
    private KafkaProducer<byte[], byte[]> producer;
    private boolean broken;

    KafkaSender(Map<String, Object> settings) {
        this.settings = settings;
    }

    @Override
    public void send(WireRecord record, InFlight sent) {
        try {
            if (broken) {
                replace();
            }
            if (producer == null) {
                producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
            }
            producer.send(record.toProducerRecord(), sent);
        } catch (KafkaException | IllegalStateException e) {
            broken = producer != null;
            sent.failed(e);
        }
    }

    @Override
    public void failedWith(Exception failure) {
        if (!(failure instanceof RetriableException)) {
            LOG.warn("the producer failed and is made anew reason=\"{}\"", failure.getMessage());
            broken = true;
        }
    }

    private void replace() {
        broken = false;
        if (producer != null) {
            KafkaProducer<byte[], byte[]> old = producer;
            producer = null;
            old.close(Duration.ZERO);
        }
    }

    @Override
    public void close(Duration within) {
        if (producer != null) {
            producer.close(within);
            producer = null;
        }
    }
}
