package io.turnpike.telemetry.ops;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts records aside that cannot be used: the original bytes go to {@link Topic#DLQ} in the transaction of the task,
 * with the reason in headers, and the stream goes on. Too many in a minute are no poison but a wholesale mistake, such
 * as a schema that this build does not know: then the application stops rather than draining a topic into the dead
 * letters. Thread-safe; one for all stream threads.
 */
public final class DeadLetters {
    /** Under this key the handlers, which Kafka Streams makes, find this object in their settings. */
    public static final String SETTING = "turnpike.dead.letters";
    /** Header: a {@link DeadLetterReason} in lower case. */
    public static final String REASON = "turnpike.dlq.reason";
    /** Header: the reason in words. The name is that of Kafka's own dead letters (KIP-1034), as are the next three. */
    public static final String MESSAGE = "__streams.errors.message";
    /** Header: topic of the record. */
    public static final String TOPIC = "__streams.errors.topic";
    /** Header: partition of the record. */
    public static final String PARTITION = "__streams.errors.partition";
    /** Header: offset of the record. */
    public static final String OFFSET = "__streams.errors.offset";

    /** Header: how many bytes the value had, if only its beginning is kept. */
    public static final String CUT_FROM = "turnpike.dlq.cut.from.bytes";

    /**
     * Most bytes of a letter, its own headers aside. A record as large as Kafka takes would no longer fit with them, and
     * a dead letter that Kafka refuses stops the stream at the same record for ever.
     */
    static final int MOST_BYTES = 900_000;

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final int LONGEST_MESSAGE = 1_000;
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final int mostPerMinute;
    private final TelemetryMetrics metrics;
    private final LongSupplier nanoTime;
    private long windowStart;
    private int inWindow;
    private boolean wholesale;

    /**
     * @param mostPerMinute more than this in a minute stops the application
     * @param nanoTime monotonic clock
     */
    public DeadLetters(int mostPerMinute, TelemetryMetrics metrics, LongSupplier nanoTime) {
        this.mostPerMinute = mostPerMinute;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.windowStart = nanoTime.getAsLong();
    }

    /** The object that was put into the settings. */
    static DeadLetters from(Map<String, ?> settings) {
        return (DeadLetters) settings.get(SETTING);
    }

    /** Whether there were too many in a minute. Stays until the process is started again. */
    public synchronized boolean isWholesale() {
        return wholesale;
    }

    /** Counts and logs a record; false if there are too many and the application must stop. */
    synchronized boolean admit(DeadLetterReason reason, ErrorHandlerContext context, String whole) {
        String message = shortened(whole);
        metrics.deadLetter(reason);
        long now = nanoTime.getAsLong();
        if (now - windowStart >= WINDOW_NANOS) {
            windowStart = now;
            inWindow = 0;
        }
        inWindow++;
        if (inWindow > mostPerMinute) {
            wholesale = true;
            LOG.error("too many dead letters in a minute, stopping: most={} topic={} reason={}", mostPerMinute,
                    context.topic(), message);
        } else {
            LOG.warn("dead letter reason={} topic={} partition={} offset={} message={}", reason.label(),
                    context.topic(), context.partition(), context.offset(), message);
        }
        return !wholesale;
    }

    /** The record for the dead-letter topic. */
    static ProducerRecord<byte[], byte[]> letter(DeadLetterReason reason, ErrorHandlerContext context, byte[] key,
            byte[] value, String message) {
        int room = MOST_BYTES;
        byte[] keptKey = key == null || key.length <= room ? key : Arrays.copyOf(key, room);
        room -= keptKey == null ? 0 : keptKey.length;
        byte[] keptValue = value == null || value.length <= room ? value : Arrays.copyOf(value, room);
        room -= keptValue == null ? 0 : keptValue.length;
        ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(Topic.DLQ.topicName(), null, context.timestamp(),
                keptKey, keptValue);
        if (context.headers() != null) {
            for (Header header : context.headers()) {
                room -= header.key().length() * 3 + (header.value() == null ? 0 : header.value().length);
                if (room >= 0) {
                    letter.headers().add(header);
                }
            }
        }
        if (keptValue != value) {
            add(letter, CUT_FROM, Integer.toString(value.length));
        }
        add(letter, REASON, reason.label());
        add(letter, MESSAGE, shortened(message));
        add(letter, TOPIC, context.topic());
        add(letter, PARTITION, Integer.toString(context.partition()));
        add(letter, OFFSET, Long.toString(context.offset()));
        return letter;
    }

    /** Messages of libraries may repeat the record's own text. */
    private static String shortened(String message) {
        return message == null || message.length() <= LONGEST_MESSAGE
                ? message
                : message.substring(0, LONGEST_MESSAGE) + "...";
    }

    private static void add(ProducerRecord<byte[], byte[]> letter, String name, String text) {
        letter.headers().add(name, String.valueOf(text).getBytes(StandardCharsets.UTF_8));
    }
}
