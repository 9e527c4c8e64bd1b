package io.turnpike.telemetry.cluster;

import com.linecorp.armeria.server.HttpServiceWithRoutes;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.ops.TelemetryMetrics.Route;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.PartitionStores;
import io.turnpike.telemetry.query.Partitions;
import io.turnpike.telemetry.query.Question;
import io.turnpike.telemetry.query.StoreGroup;
import io.turnpike.telemetry.query.StoreUnavailable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The partitions of all instances of the application. Thread-safe. */
public final class ClusterPartitions implements Partitions, AutoCloseable {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final StreamsView view;
    private final TelemetryMetrics metrics;
    private final Clock clock;
    private final Duration deadline;
    private final Map<String, QuestionKind<?, ?>> kinds = new ConcurrentHashMap<>();
    private final CopyProgress copies;
    private final LocalReaders readers;
    private final Places places;
    private final PeerKey key;
    private final PeerClient peers;

    /**
     * Starts the threads that read; nothing waits for Kafka.
     *
     * @param clusterKey the cluster's key in base64, by which instances know each other
     * @param deadline how long a question may take over all instances
     */
    public ClusterPartitions(StreamsView view, String clusterKey, Duration deadline, TelemetryMetrics metrics,
            Clock clock) {
        this.view = view;
        this.metrics = metrics;
        this.clock = clock;
        this.deadline = deadline;
        copies = new CopyProgress(view::streams, clock);
        readers = new LocalReaders(new LocalPartitions(view, copies));
        places = new Places(view);
        key = new PeerKey(clusterKey, clock);
        peers = new PeerClient(key);
        copies.start();
    }

    /** Answers other instances; to be served on the API's port. */
    public HttpServiceWithRoutes service() {
        return new PeerService(key, kinds::get, readers);
    }

    @Override
    public <Q extends Record, A extends Record> Question<Q, A> serve(String name, StoreGroup group, Class<Q> question,
            Class<A> answer, BiFunction<Q, PartitionStores, A> answering) {
        return serve(new QuestionKind<>(name, group, question, answer, false, answering));
    }

    @Override
    public <Q extends Record, A extends Record> Question<Q, A> serveScan(String name, StoreGroup group,
            Class<Q> question, Class<A> answer, BiFunction<Q, PartitionStores, A> answering) {
        return serve(new QuestionKind<>(name, group, question, answer, true, answering));
    }

    private <Q extends Record, A extends Record> Question<Q, A> serve(QuestionKind<Q, A> kind) {
        if (kinds.putIfAbsent(kind.name(), kind) != null) {
            throw new IllegalArgumentException("two kinds of question are named " + kind.name());
        }
        return new Routed<>(kind);
    }

    @Override
    public void close() {
        copies.close();
        readers.close();
    }

    private final class Routed<Q extends Record, A extends Record> implements Question<Q, A> {
        private final QuestionKind<Q, A> kind;

        Routed(QuestionKind<Q, A> kind) {
            this.kind = kind;
        }

        @Override
        public Answer<A> ofKey(String key, Q question) {
            return ofPartition(Partitions.of(key, partitions()), question);
        }

        @Override
        public Answer<A> ofPartition(int partition, Q question) {
            return ask(question, Set.of(partition)).map(answers -> answers.get(0));
        }

        @Override
        public Answer<List<A>> ofAll(Q question) {
            return ask(question,
                    IntStream.range(0, partitions()).boxed().collect(Collectors.toCollection(TreeSet::new)));
        }

        @Override
        public int partitions() {
            int known = view.partitions(kind.group());
            if (known == 0) {
                throw unavailable("the stream has not started yet");
            }
            return known;
        }

        private Answer<List<A>> ask(Q question, Set<Integer> partitions) {
            long start = System.nanoTime();
            Route route = Route.FAILED;
            try {
                // Before the stores are read: they may only be ahead of it.
                Instant asOf = view.asOf(kind.group())
                        .orElseThrow(() -> unavailable("the stores are still catching up"));
                Instance self = view.self().orElseThrow(() -> unavailable("the stream has not started yet"));
                Set<Instance> others = ConcurrentHashMap.newKeySet();
                Gathering<A> gathering = new Gathering<>(partitions, () -> places.of(kind.group()),
                        (instance, asked, budget) -> asked(self, instance, question, asked, budget, others));
                Map<Integer, Part<A>> parts = gathering.within(deadline);
                if (parts.isEmpty()) {
                    throw unavailable(gathering.reason());
                }
                Freshness freshness = freshness(asOf, partitions, parts.keySet(), parts.values());
                route = freshness.stale() ? Route.COPY : others.isEmpty() ? Route.LOCAL : Route.FORWARDED;
                return new Answer<>(parts.values().stream().map(Part::answer).toList(), freshness);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw unavailable("the program is stopping");
            } finally {
                metrics.query(route, System.nanoTime() - start);
            }
        }

        private CompletableFuture<Found<A>> asked(Instance self, Instance instance, Q question,
                List<Integer> partitions, Duration budget, Set<Instance> others) {
            if (instance.equals(self)) {
                return readers.read(kind, question, partitions, budget);
            }
            others.add(instance);
            return peers.ask(instance, kind, question, partitions, budget);
        }
    }

    private Freshness freshness(Instant asOf, Set<Integer> asked, Set<Integer> answered,
            Collection<? extends Part<?>> parts) {
        List<Instant> copied = parts.stream().map(Part::copyAsOf).flatMap(Optional::stream).toList();
        Instant oldest = copied.stream().reduce(asOf, (a, b) -> a.isBefore(b) ? a : b);
        List<Integer> missing = asked.stream().filter(partition -> !answered.contains(partition)).sorted().toList();
        return new Freshness(oldest, Math.max(0, Duration.between(oldest, clock.instant()).toMillis()),
                missing.isEmpty(), missing, !copied.isEmpty());
    }

    private static StoreUnavailable unavailable(String message) {
        return new StoreUnavailable(message, RETRY_AFTER);
    }
}
