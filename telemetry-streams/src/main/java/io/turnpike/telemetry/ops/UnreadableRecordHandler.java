package io.turnpike.telemetry.ops;

import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;

/** Puts aside records whose bytes cannot be read. Kafka Streams makes it. */
public final class UnreadableRecordHandler implements DeserializationExceptionHandler {
    private DeadLetters deadLetters;

    @Override
    public void configure(Map<String, ?> settings) {
        deadLetters = DeadLetters.from(settings);
    }

    @Override
    public Response handleError(ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record,
            Exception exception) {
        return deadLetters.putAside(DeadLetter.Cause.of(DeadLetterReason.UNREADABLE, exception), context, record.key(),
                record.value()).map(Response::resume).orElseGet(Response::fail);
    }
}
