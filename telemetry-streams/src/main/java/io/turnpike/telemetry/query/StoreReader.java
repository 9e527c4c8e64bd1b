package io.turnpike.telemetry.query;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.ops.TelemetryMetrics.Route;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The way from a question to the stores of this instance. A store that restores, moves or is closed is
 * {@link StoreUnavailable}, never an empty answer. Thread-safe.
 */
public final class StoreReader {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Supplier<Optional<KafkaStreams>> streams;
    private final TelemetryMetrics metrics;
    private final Clock clock;

    /** @param streams Kafka Streams once it was started */
    public StoreReader(Supplier<Optional<KafkaStreams>> streams, TelemetryMetrics metrics, Clock clock) {
        this.streams = streams;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Asks a store over all partitions that are here.
     *
     * @throws StoreUnavailable if it cannot be read now
     */
    public <K, V, T> T read(String store, Function<ReadOnlyKeyValueStore<K, V>, T> question) {
        return ask(running -> question.apply(running
                .store(StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.<K, V>keyValueStore()))));
    }

    /**
     * Asks each partition of a store that is here, so that a question can stop early in each.
     *
     * @param topic input topic of the store's step; its partitions are the store's
     * @throws StoreUnavailable if one cannot be read now
     */
    public <K, V, T> List<T> readEach(String store, String topic, Function<ReadOnlyKeyValueStore<K, V>, T> question) {
        return ask(running -> local(running, topic).stream()
                .map(partition -> question.apply(running.store(
                        StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.<K, V>keyValueStore())
                                .withPartition(partition))))
                .toList());
    }

    /**
     * How fresh an answer from a step's stores is.
     *
     * @param topic input topic of the step
     * @param partitions how many it has
     * @param asOf up to when the step has counted
     * @throws StoreUnavailable if that is not known yet
     */
    public Freshness freshness(String topic, int partitions, Optional<Instant> asOf) {
        Instant known = asOf.orElseThrow(() -> new StoreUnavailable("the stores are still catching up", RETRY_AFTER));
        Set<Integer> here = ask(running -> local(running, topic));
        List<Integer> missing = IntStream.range(0, partitions).filter(partition -> !here.contains(partition)).boxed()
                .toList();
        long lagMs = Math.max(0, Duration.between(known, clock.instant()).toMillis());
        return new Freshness(known, lagMs, missing.isEmpty(), missing);
    }

    private <T> T ask(Function<KafkaStreams, T> question) {
        long start = System.nanoTime();
        boolean answered = false;
        try {
            T answer = question.apply(running());
            answered = true;
            return answer;
        } catch (InvalidStateStoreException | IllegalStateException e) { // the second is said by a stream that stops
            throw new StoreUnavailable("the stores are moving or restoring", RETRY_AFTER);
        } finally {
            metrics.query(answered ? Route.LOCAL : Route.FAILED, System.nanoTime() - start);
        }
    }

    private KafkaStreams running() {
        KafkaStreams started = streams.get()
                .orElseThrow(() -> new StoreUnavailable("the stream has not started yet", RETRY_AFTER));
        if (started.state() != KafkaStreams.State.RUNNING) {
            throw new StoreUnavailable("the stream is " + started.state(), RETRY_AFTER);
        }
        return started;
    }

    private static Set<Integer> local(KafkaStreams running, String topic) {
        return running.metadataForLocalThreads().stream().flatMap(thread -> thread.activeTasks().stream())
                .flatMap(task -> task.topicPartitions().stream()).filter(each -> each.topic().equals(topic))
                .map(TopicPartition::partition).collect(Collectors.toCollection(TreeSet::new));
    }
}
