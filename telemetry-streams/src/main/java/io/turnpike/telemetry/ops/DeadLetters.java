package io.turnpike.telemetry.ops;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts records aside that cannot be used: the original bytes go to {@link Topic#DLQ} in the transaction of the task,
 * with the reason in headers, and the stream goes on. A record that has all its effects or none can be sent again later:
 * what fails in the middle of a step aborts the transaction first, and is put aside when it comes again.
 *
 * <p>Too many in a minute are no poison but a wholesale mistake, such as a schema that this build does not know: then
 * the application stops rather than draining a topic into the dead letters. Thread-safe; one for all stream threads.
 */
public final class DeadLetters {
    /** Under this key the handlers, which Kafka Streams makes, find this object in their settings. */
    public static final String SETTING = "turnpike.dead.letters";
    /** More aborted transactions than this in {@link #ABORT_WINDOW} stop the application: each costs a rebalance. */
    static final int MOST_ABORTS = 20;
    /** See {@link #MOST_ABORTS}. */
    static final Duration ABORT_WINDOW = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    /**
     * What is too much.
     *
     * @param alarmPerMinute so many in a minute raise the alarm
     * @param mostPerMinute more than this in a minute stops the application
     */
    public record Limits(int alarmPerMinute, int mostPerMinute) {}

    private final String application;
    private final Limits limits;
    private final TelemetryMetrics metrics;
    private final Window minute;
    private final Window aborts;
    private final Quarantine quarantine = new Quarantine();
    private final Map<TaskId, Refusal> refusals = new HashMap<>();
    private boolean wholesale;

    /** The record that a task refused last, and the step that did it first. */
    private record Refusal(String topic, int partition, long offset, String step) {
        boolean isOfSameRecord(Refusal other) {
            return offset == other.offset && partition == other.partition && Objects.equals(topic, other.topic);
        }
    }

    /**
     * @param application application id, for the letters' headers
     * @param nanoTime monotonic clock
     */
    public DeadLetters(String application, Limits limits, TelemetryMetrics metrics, LongSupplier nanoTime) {
        this.application = application;
        this.limits = limits;
        this.metrics = metrics;
        this.minute = new Window(Duration.ofMinutes(1), nanoTime);
        this.aborts = new Window(ABORT_WINDOW, nanoTime);
        metrics.deadLetterAlarm(this::isAlarming);
    }

    /** The object that was put into the settings. */
    static DeadLetters from(Map<String, ?> settings) {
        return (DeadLetters) settings.get(SETTING);
    }

    /** Whether there were too many. Stays until the process is started again. */
    public synchronized boolean isWholesale() {
        return wholesale;
    }

    /** Whether there are many, in this minute or the last. */
    public synchronized boolean isAlarming() {
        return minute.most() >= limits.alarmPerMinute();
    }

    /**
     * Puts a record aside that a step refused; empty if there are too many and the application must stop. Where several
     * steps read one topic each of them refuses it, and the first one's letter stands for all. The same step refuses it
     * again only after its transaction was aborted, and with it the letter.
     */
    synchronized Optional<List<ProducerRecord<byte[], byte[]>>> refuse(DeadLetter.Cause cause,
            ErrorHandlerContext context) {
        Refusal now = new Refusal(context.topic(), context.partition(), context.offset(), context.processorNodeId());
        Refusal last = refusals.get(context.taskId());
        if (last != null && last.isOfSameRecord(now) && !last.step().equals(now.step())) {
            return Optional.of(List.of());
        }
        refusals.put(context.taskId(), now);
        return putAside(cause, context, context.sourceRawKey(), context.sourceRawValue());
    }

    /** Puts a record aside; empty if there are too many and the application must stop. */
    synchronized Optional<List<ProducerRecord<byte[], byte[]>>> putAside(DeadLetter.Cause cause,
            ErrorHandlerContext context, byte[] key, byte[] value) {
        metrics.deadLetter(cause.reason());
        int now = minute.add();
        if (now > limits.mostPerMinute()) {
            stop("too many dead letters in a minute", limits.mostPerMinute(), cause, context.topic());
            return Optional.empty();
        }
        LOG.warn("dead letter reason={} topic={} partition={} offset={} error={} message={}", cause.reason().label(),
                context.topic(), context.partition(), context.offset(), cause.error(), cause.message());
        if (now == limits.alarmPerMinute()) {
            LOG.error("many dead letters: {} in this minute; at more than {} the application stops", now,
                    limits.mostPerMinute());
        }
        return Optional.of(List.of(DeadLetter.of(cause, application, context, key, value)));
    }

    /** The transaction is to be aborted; the record, if one is to blame, will be put aside when it comes again. */
    synchronized void abort(DeadLetter.Cause cause, ErrorHandlerContext context) {
        if (context.topic() != null) {
            quarantine.add(context.topic(), context.partition(), context.offset(), cause);
        }
        abort(cause, context.topic());
    }

    /**
     * The transaction is to be aborted, and will be tried again with all of its records.
     *
     * @param topic which it is about, for people; null for none
     */
    synchronized void abort(DeadLetter.Cause cause, String topic) {
        metrics.abort();
        if (aborts.add() > MOST_ABORTS) {
            stop("too many failures in " + ABORT_WINDOW.toMinutes() + " minutes", MOST_ABORTS, cause, topic);
        }
    }

    Quarantine quarantine() {
        return quarantine;
    }

    private void stop(String what, int most, DeadLetter.Cause cause, String topic) {
        wholesale = true;
        LOG.error("{}, stopping: most={} topic={} error={} message={}", what, most, topic, cause.error(),
                cause.message());
    }

    /** Counts in windows of a fixed length, one after the other. */
    private static final class Window {
        private final long nanos;
        private final LongSupplier nanoTime;
        private long start;
        private int count;
        private int before;

        Window(Duration length, LongSupplier nanoTime) {
            this.nanos = length.toNanos();
            this.nanoTime = nanoTime;
            this.start = nanoTime.getAsLong();
        }

        int add() {
            roll();
            return ++count;
        }

        /** The larger of this window's count and the last one's. */
        int most() {
            roll();
            return Math.max(count, before);
        }

        private void roll() {
            long passed = (nanoTime.getAsLong() - start) / nanos;
            if (passed > 0) {
                before = passed == 1 ? count : 0;
                count = 0;
                start += passed * nanos;
            }
        }
    }
}
