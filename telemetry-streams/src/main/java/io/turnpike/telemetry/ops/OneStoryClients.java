package io.turnpike.telemetry.ops;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;

/**
 * Kafka Streams' clients, with a producer that begins nothing more after a transaction of it was aborted. The tasks of a
 * thread share one transaction. When Kafka Streams finds a task's state corrupted, it commits the other tasks and closes
 * that one, which aborts; but during a rebalance it does not commit, and the other tasks would go on from where they
 * are, without what they had written. A producer that is taken for fenced makes the thread drop all of its tasks and
 * begin them again at what is committed. Kafka Streams makes it; under KIP-1071 it takes none but its own supplier or
 * a kind of it.
 */
public final class OneStoryClients extends DefaultKafkaClientSupplier {
    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new OneStoryProducer(config);
    }

    /** Confined to its stream thread. */
    private static final class OneStoryProducer extends KafkaProducer<byte[], byte[]> {
        private boolean aborted;

        OneStoryProducer(Map<String, Object> config) {
            super(config, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public void abortTransaction() {
            aborted = true;
            super.abortTransaction();
        }

        @Override
        public void beginTransaction() {
            if (aborted) {
                throw new ProducerFencedException("a transaction was aborted: every task begins again");
            }
            super.beginTransaction();
        }
    }
}
