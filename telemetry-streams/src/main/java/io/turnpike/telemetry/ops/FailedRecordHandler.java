package io.turnpike.telemetry.ops;

import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts aside records that a step refused or failed on. Errors of Kafka and of the stores are no fault of the record and
 * stop the thread. Kafka Streams makes it.
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
        if (exception instanceof KafkaException) {
            return Response.fail();
        }
        boolean refused = exception instanceof PoisonRecord;
        if (!refused) {
            LOG.error("a step failed step={} topic={} offset={}", context.processorNodeId(), context.topic(),
                    context.offset(), exception);
        }
        DeadLetterReason reason = refused ? DeadLetterReason.NONSENSE : DeadLetterReason.FAILED;
        String message = refused ? exception.getMessage() : exception.toString();
        if (!deadLetters.admit(reason, context, message)) {
            return Response.fail();
        }
        return context.sourceRawValue() == null
                ? Response.resume()
                : Response.resume(List.of(DeadLetters.letter(reason, context, context.sourceRawKey(),
                        context.sourceRawValue(), message)));
    }
}
