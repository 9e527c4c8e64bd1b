package io.turnpike.telemetry.ops;

import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts aside records that a step refused. One on which a step failed may have changed something already: the thread dies,
 * its transaction is aborted, and the record is put aside when it comes again. Errors of Kafka and of the stores are no
 * fault of the record and stop the thread. Kafka Streams makes it.
 */
public final class FailedRecordHandler implements ProcessingExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(FailedRecordHandler.class);

    private DeadLetters deadLetters;

    @Override
    public void configure(Map<String, ?> settings) {
        deadLetters = DeadLetters.from(settings);
    }

    @Override
    public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
        if (exception instanceof PoisonRecord refused) {
            return deadLetters.refuse(refused.cause(), context).map(Response::resume).orElseGet(Response::fail);
        }
        if (!(exception instanceof KafkaException) || exception instanceof SerializationException) {
            LOG.error("a step failed, its transaction is aborted step={} topic={} partition={} offset={}",
                    context.processorNodeId(), context.topic(), context.partition(), context.offset(), exception);
            deadLetters.abort(DeadLetter.Cause.of(DeadLetterReason.FAILED, exception), context);
        }
        return Response.fail();
    }
}
