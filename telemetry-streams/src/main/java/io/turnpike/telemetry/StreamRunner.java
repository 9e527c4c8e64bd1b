package io.turnpike.telemetry;

import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.telemetry.api.Readiness;
import io.turnpike.telemetry.cluster.Instance;
import io.turnpike.telemetry.cluster.StreamsView;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.ops.DeadLetters;
import io.turnpike.telemetry.ops.KafkaWatch;
import io.turnpike.telemetry.ops.RocksDbMemory;
import io.turnpike.telemetry.ops.StoreProgress;
import io.turnpike.telemetry.ops.StreamsGroup;
import io.turnpike.telemetry.ops.StreamsSettings;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.ops.Topics;
import io.turnpike.telemetry.query.StoreGroup;
import io.turnpike.telemetry.store.TotalsMemory;
import io.turnpike.telemetry.topology.KafkaControlHistory;
import io.turnpike.telemetry.topology.TelemetryTopology;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Kafka Streams over its whole life: waits for Kafka, makes missing topics, runs the topology, replaces a thread that
 * died, and closes within a bounded time. Its owner may ask for the state at any time.
 */
final class StreamRunner implements StreamsView, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamRunner.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int ADMIN_TIMEOUT_MILLIS = 5_000;
    /** Above the transaction time-out of Kafka Streams, 10 s: behind a dead process' transaction grants may wait. */
    private static final Duration HISTORY_PATIENCE = Duration.ofSeconds(60);

    private final TelemetryConfig config;
    private final QuotaPolicy defaultPolicy;
    private final TelemetryMetrics metrics;
    private final DeadLetters deadLetters;
    private final RocksDbMemory memory;
    private final TotalsMemory totals;
    private final StoreProgress stores;
    private final Admin admin;
    private final Thread starter;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Topics topics;
    private volatile KafkaWatch watch;
    private volatile KafkaStreams streams;
    private volatile KafkaStreamsMetrics binder;
    private volatile Instance self;
    private volatile LongFunction<Optional<Boolean>> completeHours;
    private volatile String obstacle = "waiting for Kafka";

    StreamRunner(TelemetryConfig config, QuotaPolicy defaultPolicy, TelemetryMetrics metrics) {
        this.config = config;
        this.defaultPolicy = defaultPolicy;
        this.metrics = metrics;
        this.deadLetters = new DeadLetters(config.applicationId(),
                new DeadLetters.Limits(config.streams().poisonAlarmPerMinute(),
                        config.streams().poisonRecordsPerMinute()),
                metrics, System::nanoTime);
        this.memory = new RocksDbMemory(config.streams().rocksdbMemoryBytes()).bindTo(metrics.registry());
        this.totals = new TotalsMemory(config.streams().totalsMemoryBytes()).bindTo(metrics.registry());
        this.stores = new StoreProgress(metrics.registry());
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.kafka().bootstrapServers(), AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ADMIN_TIMEOUT_MILLIS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ADMIN_TIMEOUT_MILLIS,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000));
        this.starter = new Thread(this::startWhenKafkaAnswers, "stream-starter");
        starter.setDaemon(true);
    }

    /**
     * Begins to wait for Kafka, and returns.
     *
     * @param reachedAt where the other instances reach the API of this one
     * @param completeHours whether all events of the hour with this start, milliseconds since 1970, are counted in;
     *        empty while that is not known yet
     */
    void start(Instance reachedAt, LongFunction<Optional<Boolean>> completeHours) {
        self = reachedAt;
        this.completeHours = completeHours;
        starter.start();
    }

    @Override
    public Optional<KafkaStreams> streams() {
        return Optional.ofNullable(streams);
    }

    @Override
    public Optional<Instance> self() {
        return Optional.ofNullable(self);
    }

    @Override
    public String topic(StoreGroup group) {
        return switch (group) {
            case USERS -> repartition(TelemetryTopology.USAGE_BY_USER);
            case TENANTS -> repartition(TelemetryTopology.USAGE_BY_TENANT);
            case SESSIONS -> Topic.ALLOCATION.topicName();
            case NODES -> Topic.NODE.topicName();
            case LEDGER -> Topic.COMMAND.topicName();
        };
    }

    /** How many partitions a topic has; 0 before it is known. */
    int partitions(Topic topic) {
        Topics known = topics;
        return known == null ? 0 : known.partitions(topic);
    }

    /** The topic between two steps has as many partitions as the one that it is named after here. */
    @Override
    public int partitions(StoreGroup group) {
        return partitions(switch (group) {
            case USERS, SESSIONS -> Topic.ALLOCATION;
            case TENANTS -> Topic.TENANT_USAGE;
            case NODES -> Topic.NODE;
            case LEDGER -> Topic.COMMAND;
        });
    }

    @Override
    public Optional<Instant> asOf(StoreGroup group) {
        return switch (group) {
            case USERS, TENANTS -> usageAsOf();
            case SESSIONS, NODES, LEDGER -> Optional.ofNullable(watch).flatMap(KafkaWatch::sessionsAsOf);
        };
    }

    /** Up to when usage is counted in, over all instances; empty while that is not known. */
    Optional<Instant> usageAsOf() {
        return Optional.ofNullable(watch).flatMap(KafkaWatch::usageAsOf);
    }

    /** Whether everything runs: Kafka answers, the stores are restored, and it is known how far they are. */
    Readiness readiness() {
        KafkaStreams started = streams;
        if (started == null) {
            return Readiness.no(obstacle);
        }
        if (deadLetters.isWholesale()) {
            return Readiness.no("stopped: too many records could not be used; see " + Topic.DLQ.topicName());
        }
        if (started.state() != KafkaStreams.State.RUNNING) {
            return stores.restoring()
                    .map(restore -> Readiness.restoring(new Readiness.Restore(restore.stores(), restore.recordsLeft(),
                            restore.percentDone())))
                    .orElseGet(() -> Readiness.no("the stream is " + started.state()));
        }
        if (watch.answersSinceMillis() == Long.MAX_VALUE) {
            return Readiness.no("Kafka does not answer");
        }
        return usageAsOf().isPresent() ? Readiness.yes() : Readiness.no("the stores are still catching up");
    }

    private void startWhenKafkaAnswers() {
        try {
            while (!tryStart()) {
                if (closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean tryStart() throws InterruptedException {
        try {
            topics = Topics.ensure(admin, config.kafka());
            StreamsGroup.ensure(admin, config);
            run();
            return true;
        } catch (ExecutionException | RuntimeException e) {
            String reason = String.valueOf(e instanceof ExecutionException ? e.getCause() : e);
            if (!reason.equals(obstacle)) {
                LOG.warn("cannot start yet, trying again every {} s: {}", RETRY.toSeconds(), reason);
                obstacle = reason;
            }
            return false;
        }
    }

    private void run() {
        Properties settings = StreamsSettings.of(config, deadLetters, memory, totals);
        settings.put(StreamsConfig.APPLICATION_SERVER_CONFIG, self.authority());
        watch = new KafkaWatch(admin, config.applicationId(), config.kafka().bootstrapServers(),
                KafkaWatch.inputsOf(topics),
                Map.of(topic(StoreGroup.USERS), partitions(StoreGroup.USERS), topic(StoreGroup.TENANTS),
                        partitions(StoreGroup.TENANTS)),
                Clock.systemUTC());
        KafkaStreams made = new KafkaStreams(TelemetryTopology.build(settings, topics::partitions, metrics,
                watch::answersSinceMillis, defaultPolicy,
                new KafkaControlHistory(
                        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers()),
                        HISTORY_PATIENCE),
                completeHours), settings);
        made.setUncaughtExceptionHandler(this::onThreadDeath);
        made.setGlobalStateRestoreListener(stores);
        made.setStandbyUpdateListener(stores);
        made.setStateListener((now, before) -> onState(now));
        streams = made;
        made.start();
        binder = new KafkaStreamsMetrics(made);
        binder.bindTo(metrics.registry());
    }

    private String repartition(String name) {
        return TelemetryTopology.repartitionTopic(config.applicationId(), name);
    }

    private void onState(KafkaStreams.State state) {
        LOG.info("stream state={}", state);
        if (state == KafkaStreams.State.RUNNING) {
            watch.start(); // not before: the topics between the steps exist now
        }
    }

    private StreamThreadExceptionResponse onThreadDeath(Throwable cause) {
        if (deadLetters.isWholesale()) {
            LOG.error("too many records cannot be used; the stream stops and stays stopped until the next start");
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        LOG.error("a stream thread died and is replaced", cause);
        LockSupport.parkNanos(RETRY.toNanos()); // what kills it at once again must not spin
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    /** Leaves the group, so that the work moves at once, and closes the stores cleanly if time allows. */
    @Override
    public void close() {
        closing.countDown();
        starter.interrupt();
        join(starter);
        boolean closed = true;
        if (watch != null) {
            watch.close();
        }
        if (streams != null) {
            closed = streams.close(CloseOptions
                    .groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                    .withTimeout(config.streams().closeTimeout()));
            LOG.atLevel(closed ? Level.INFO : Level.WARN).log("stream closed clean={}", closed);
        }
        if (binder != null) {
            binder.close();
        }
        admin.close(Duration.ofSeconds(1));
        if (closed) {
            memory.close(); // a store that is still open would use it
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(ADMIN_TIMEOUT_MILLIS / 1_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
