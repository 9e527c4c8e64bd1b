package io.turnpike.telemetry.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.TaskId;

/**
 * How far the stores of this instance are: those that are read back from Kafka before their tasks can run, and those that
 * follow another instance's. Kafka Streams tells it, on the threads of the stores; any thread may ask.
 */
public final class StoreProgress implements StateRestoreListener, StandbyUpdateListener {
    private record Store(TopicPartition changelog, String name) {}

    /** Offsets of a changelog: where reading began, how far it is, and where it ends. */
    private record Span(long begin, long at, long end) {
        long length() {
            return Math.max(0, end - begin);
        }

        long left() {
            return Math.max(0, end - at);
        }

        Span read(long offset, long newEnd) {
            return new Span(begin, Math.max(at, offset), newEnd);
        }
    }

    private final Map<Store, Span> restoring = new HashMap<>();
    private final Map<Store, Span> standbys = new HashMap<>();
    private final Counter restored;
    private long lengthOfDone;

    /** Registers the figures. */
    public StoreProgress(MeterRegistry registry) {
        restored = Counter.builder("turn_telemetry_restored_records")
                .description("Records that were read back into stores.").register(registry);
        gauge(registry, "turn_telemetry_restoring_stores", "Stores that are read back before they can be used.",
                progress -> progress.restoring.size());
        gauge(registry, "turn_telemetry_restore_remaining_records", "Records that are still to be read back.",
                progress -> left(progress.restoring));
        gauge(registry, "turn_telemetry_standby_stores", "Copies of other instances' stores.",
                progress -> progress.standbys.size());
        gauge(registry, "turn_telemetry_standby_lag_records", "Records by which those copies are behind.",
                progress -> left(progress.standbys));
    }

    /**
     * Stores that are being read back.
     *
     * @param stores their names, ascending
     * @param recordsLeft records that are still to be read
     * @param percentDone how much is done, 0 to 100
     */
    public record Restore(List<String> stores, long recordsLeft, int percentDone) {}

    /** What is being read back; empty if nothing is. */
    public synchronized Optional<Restore> restoring() {
        if (restoring.isEmpty()) {
            return Optional.empty();
        }
        TreeSet<String> names = new TreeSet<>();
        restoring.keySet().forEach(store -> names.add(store.name()));
        long left = left(restoring);
        long all = lengthOfDone + restoring.values().stream().mapToLong(Span::length).sum();
        return Optional.of(new Restore(List.copyOf(names), left, all == 0 ? 0 : (int) (100 * (all - left) / all)));
    }

    private static long left(Map<Store, Span> spans) {
        return spans.values().stream().mapToLong(Span::left).sum();
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<StoreProgress> value) {
        Gauge.builder(name, this, progress -> {
            synchronized (progress) {
                return value.applyAsDouble(progress);
            }
        }).strongReference(true).description(description).register(registry);
    }

    @Override
    public synchronized void onRestoreStart(TopicPartition changelog, String store, long begin, long end) {
        if (restoring.isEmpty()) {
            lengthOfDone = 0;
        }
        restoring.put(new Store(changelog, store), new Span(begin, begin, end));
    }

    @Override
    public synchronized void onBatchRestored(TopicPartition changelog, String store, long offset, long records) {
        restored.increment(records);
        restoring.computeIfPresent(new Store(changelog, store), (key, span) -> span.read(offset, span.end()));
    }

    @Override
    public synchronized void onRestoreEnd(TopicPartition changelog, String store, long records) {
        Span span = restoring.remove(new Store(changelog, store));
        lengthOfDone += span == null ? 0 : span.length();
    }

    @Override
    public synchronized void onRestoreSuspended(TopicPartition changelog, String store, long records) {
        restoring.remove(new Store(changelog, store));
    }

    @Override
    public synchronized void onUpdateStart(TopicPartition changelog, String store, long begin) {
        standbys.put(new Store(changelog, store), new Span(begin, begin, begin));
    }

    @Override
    public synchronized void onBatchLoaded(TopicPartition changelog, String store, TaskId task, long offset,
            long records, long end) {
        standbys.computeIfPresent(new Store(changelog, store), (key, span) -> span.read(offset + 1, end));
    }

    @Override
    public synchronized void onUpdateSuspended(TopicPartition changelog, String store, long offset, long end,
            SuspendReason reason) {
        standbys.remove(new Store(changelog, store));
    }
}
