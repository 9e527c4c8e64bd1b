package io.turnpike.telemetry.ops;

import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Aborts where a result cannot be written: leaving it out would make a store, its changelog and the next step disagree. If
 * a record is to blame for it, it is put aside when it comes again. Kafka Streams makes it.
 */
public final class UnsendableRecordHandler implements ProductionExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(UnsendableRecordHandler.class);

    private DeadLetters deadLetters;

    @Override
    public void configure(Map<String, ?> settings) {
        deadLetters = DeadLetters.from(settings);
    }

    @Override
    public Response handleError(ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record,
            Exception exception) {
        if (exception instanceof RetriableException) {
            return Response.retry();
        }
        if (exception instanceof RecordTooLargeException) {
            if (isOnStreamThread()) {
                abort(context, record.topic(), exception);
            } else {
                abortWithoutBlame(record, exception);
            }
        }
        return Response.fail();
    }

    @Override
    public Response handleSerializationError(ErrorHandlerContext context,
            @SuppressWarnings("rawtypes") ProducerRecord record, Exception exception,
            SerializationExceptionOrigin origin) {
        abort(context, record.topic(), exception);
        return Response.fail();
    }

    private void abort(ErrorHandlerContext context, String target, Exception exception) {
        LOG.error(
                "a result cannot be written, its transaction is aborted to={} step={} topic={} partition={} offset={}",
                target, context.processorNodeId(), context.topic(), context.partition(), context.offset(), exception);
        deadLetters.abort(DeadLetter.Cause.of(DeadLetterReason.UNSENDABLE, exception), context);
    }

    /** The brokers refuse what the producer would send: with a larger limit of theirs it passes when it is tried again. */
    private void abortWithoutBlame(ProducerRecord<byte[], byte[]> record, Exception exception) {
        LOG.error("the brokers refuse a result as too large, its transaction is aborted;"
                + " max.message.bytes of its topic must be larger: to={} keyBytes={} valueBytes={}", record.topic(),
                length(record.key()), length(record.value()), exception);
        deadLetters.abort(DeadLetter.Cause.of(DeadLetterReason.UNSENDABLE, exception), record.topic());
    }

    private static int length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    /** On the producer's own thread the context is that of a later record. */
    private static boolean isOnStreamThread() {
        return !Thread.currentThread().getName().startsWith("kafka-producer-network-thread");
    }
}
