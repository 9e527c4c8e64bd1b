package io.turnpike.telemetry.ops;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.errors.ErrorHandlerContext;

/**
 * The form of a dead letter: the original key, value and headers, and beside them who put it aside and why. The names of
 * the first five headers are those of Kafka's own dead letters (KIP-1034).
 */
public final class DeadLetter {
    /** Header: topic of the record. */
    public static final String TOPIC = "__streams.errors.topic";
    /** Header: partition of the record. */
    public static final String PARTITION = "__streams.errors.partition";
    /** Header: offset of the record. */
    public static final String OFFSET = "__streams.errors.offset";
    /** Header: class of the error. */
    public static final String ERROR = "__streams.errors.exception";
    /** Header: the reason in words. */
    public static final String MESSAGE = "__streams.errors.message";
    /** Header: a {@link DeadLetterReason} in lower case. */
    public static final String REASON = "turnpike.dlq.reason";
    /** Header: time of the record, milliseconds since 1970. */
    public static final String TIMESTAMP = "turnpike.dlq.timestamp";
    /** Header: application id of who put it aside. */
    public static final String APPLICATION = "turnpike.dlq.application";
    /** Header: step of the topology at which it failed; absent where the bytes could not be read. */
    public static final String STEP = "turnpike.dlq.step";
    /** Header: how many bytes the key had, if only its beginning is kept. */
    public static final String KEY_CUT_FROM = "turnpike.dlq.key.cut.from.bytes";
    /** Header: how many bytes the value had, if only its beginning is kept. */
    public static final String CUT_FROM = "turnpike.dlq.cut.from.bytes";
    /** Header of a mark, which is no letter: the letter that was sent again. */
    public static final String REPLAY_OF = "turnpike.dlq.replay.of";
    /** Header of a mark: who sent the letter again. */
    public static final String REPLAYED_BY = "turnpike.dlq.replay.by";
    /** Header of a record that was sent again, in its own topic: the letter that it was. */
    public static final String REPLAYED_FROM = "turnpike.replayed.from";

    /**
     * Most bytes of a letter, its own headers aside. A record as large as Kafka takes would no longer fit with them, and
     * a dead letter that Kafka refuses stops the stream at the same record for ever.
     */
    static final int MOST_BYTES = 900_000;

    private static final int LONGEST_MESSAGE = 1_000;

    private DeadLetter() {}

    /**
     * What went wrong with a record.
     *
     * @param reason the kind of it
     * @param error class of the error
     * @param message in words; null if the error has none
     */
    record Cause(DeadLetterReason reason, String error, String message) {
        static Cause of(DeadLetterReason reason, Exception error) {
            return new Cause(reason, error.getClass().getName(), shortened(error.getMessage()));
        }
    }

    /** Whether a header is a letter's own and not the original record's. */
    public static boolean isOwn(String header) {
        return header.startsWith("__streams.errors.") || header.startsWith("turnpike.dlq.");
    }

    /** The record for the dead-letter topic. */
    static ProducerRecord<byte[], byte[]> of(Cause cause, String application, ErrorHandlerContext context, byte[] key,
            byte[] value) {
        byte[] keptKey = cut(key, MOST_BYTES);
        int room = MOST_BYTES - length(keptKey);
        byte[] keptValue = cut(value, room);
        room -= length(keptValue);
        ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(Topic.DLQ.topicName(), null,
                context.timestamp() < 0 ? null : context.timestamp(), keptKey, keptValue);
        if (context.headers() != null) {
            for (Header header : context.headers()) {
                room -= header.key().length() * 3 + length(header.value());
                if (room >= 0 && !isOwn(header.key())) {
                    letter.headers().add(header);
                }
            }
        }
        if (keptKey != key) {
            add(letter, KEY_CUT_FROM, key.length);
        }
        if (keptValue != value) {
            add(letter, CUT_FROM, value.length);
        }
        add(letter, REASON, cause.reason().label());
        add(letter, ERROR, cause.error());
        add(letter, MESSAGE, cause.message());
        add(letter, TOPIC, context.topic());
        add(letter, PARTITION, context.partition());
        add(letter, OFFSET, context.offset());
        add(letter, TIMESTAMP, context.timestamp());
        add(letter, APPLICATION, application);
        if (context.processorNodeId() != null && cause.reason() != DeadLetterReason.UNREADABLE) {
            add(letter, STEP, context.processorNodeId());
        }
        return letter;
    }

    /** The mark that a letter was sent again. */
    public static Map<String, String> mark(String letter, String by) {
        return Map.of(REPLAY_OF, letter, REPLAYED_BY, by);
    }

    /** Messages of libraries may repeat the record's own text. */
    static String shortened(String message) {
        return message == null || message.length() <= LONGEST_MESSAGE
                ? message
                : message.substring(0, LONGEST_MESSAGE) + "...";
    }

    private static byte[] cut(byte[] bytes, int room) {
        return length(bytes) <= room ? bytes : Arrays.copyOf(bytes, room);
    }

    private static int length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static void add(ProducerRecord<byte[], byte[]> letter, String name, Object value) {
        letter.headers().add(name, String.valueOf(value).getBytes(StandardCharsets.UTF_8));
    }
}
