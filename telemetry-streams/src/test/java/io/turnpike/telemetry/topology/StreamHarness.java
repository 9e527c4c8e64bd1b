package io.turnpike.telemetry.topology;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.events.v1.UsageRollup;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.ops.DeadLetters;
import io.turnpike.telemetry.ops.RocksDbMemory;
import io.turnpike.telemetry.ops.StreamsSettings;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.LiveCounters;
import io.turnpike.telemetry.store.RecordSerde;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.TotalsMemory;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.UsageSum;
import io.turnpike.telemetry.store.v1.NodeEntry;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.SessionCounters;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;

/** The whole topology in Kafka's test driver, with a clock that the test moves. */
final class StreamHarness implements AutoCloseable {
    static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private final RocksDbMemory memory = new RocksDbMemory(16 << 20);
    private final TelemetryMetrics metrics = new TelemetryMetrics(new SimpleMeterRegistry());
    private final DeadLetters deadLetters;
    private final TopologyTestDriver driver;
    private final Set<Instant> completeHours = new HashSet<>();
    private boolean isAuditKnown = true;
    private boolean kafkaAnswers = true;
    private Instant now = START;

    StreamHarness(Path stateDir) {
        this(stateDir, 100);
    }

    StreamHarness(Path stateDir, int poisonRecordsPerMinute) {
        deadLetters = deadLetters(poisonRecordsPerMinute, metrics, () -> now.toEpochMilli() * 1_000_000);
        Properties settings = settings(stateDir, deadLetters, memory);
        driver = new TopologyTestDriver(topology(settings), settings, START);
    }

    static DeadLetters deadLetters(int mostPerMinute, TelemetryMetrics metrics, LongSupplier nanoTime) {
        return new DeadLetters("turnpike-test", new DeadLetters.Limits(5, mostPerMinute), metrics, nanoTime);
    }

    static Properties settings(Path stateDir, DeadLetters deadLetters, RocksDbMemory memory) {
        TelemetryConfig config = TelemetryConfig.load(ConfigFactory.parseMap(Map.of("cluster-key",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "quota.default.mode", "OFF", "state-dir",
                stateDir.toString())));
        Properties settings = StreamsSettings.of(config, deadLetters, memory, new TotalsMemory(1 << 20));
        // The driver has no transactions: it drops what a step sends outside of one. A real broker tests them.
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        return settings;
    }

    private Topology topology(Properties settings) {
        return TelemetryTopology.build(settings, topic -> 1, metrics, () -> kafkaAnswers ? 0 : Long.MAX_VALUE,
                defaultPolicy(), partition -> ControlHistory.Decided.NOTHING,
                hour -> isAuditKnown
                        ? Optional.of(completeHours.contains(Instant.ofEpochMilli(hour)))
                        : Optional.empty());
    }

    static QuotaPolicy defaultPolicy() {
        return QuotaPolicy.newBuilder().setTenantId("").setPolicyEpoch(0).setMode(QuotaMode.OFF)
                .setPeriod(QuotaPeriodKind.MONTH).setTimeZone("UTC").setVolumeBytes(null).setRateBitsPerSecond(null)
                .setMaxAllocations(null).setMaxAllocationsPerUser(null).setOnControlLoss(OnControlLoss.STOP)
                .setUpdatedAt(Instant.EPOCH).build();
    }

    /** The broker's clock, which stamps records, and the wall clock of the application. */
    Instant now() {
        return now;
    }

    void advance(Duration time) {
        now = now.plus(time);
        driver.advanceWallClockTime(time);
    }

    /** Lets what is to be done by the clock be done. */
    void flush() {
        advance(SessionTracker.SWEEP_INTERVAL);
    }

    void kafkaAnswers(boolean answers) {
        kafkaAnswers = answers;
    }

    /** Whether it is known which hours are complete. */
    void auditIsKnown(boolean known) {
        isAuditKnown = known;
    }

    /** From now on all events of the hour are known to be counted in. */
    void hourIsComplete(Instant start) {
        completeHours.add(start);
    }

    void send(Topic topic, String key, SpecificRecord record) {
        sendBytes(topic, key, RecordCodec.encode(record));
    }

    void sendBytes(Topic topic, String key, byte[] bytes) {
        driver.createInputTopic(topic.topicName(), new StringSerializer(), new ByteArraySerializer()).pipeInput(key,
                bytes, now);
    }

    List<TestRecord<String, byte[]>> deadLetters() {
        return driver.createOutputTopic(Topic.DLQ.topicName(), new StringDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    /** What was published since the last call. */
    List<UsageRollup> rollups() {
        return driver.createOutputTopic(Topic.ROLLUP.topicName(), new StringDeserializer(),
                RecordSerde.deserializer(UsageRollup.class)).readValuesToList();
    }

    Session session(String allocationId) {
        Session session = driver.<String, Session>getKeyValueStore(Stores.SESSIONS).get(allocationId);
        SessionCounters newer = driver.<String, SessionCounters>getKeyValueStore(Stores.SESSION_COUNTERS)
                .get(allocationId);
        if (newer != null) {
            LiveCounters.apply(newer, session);
        }
        return session;
    }

    NodeEntry node(String nodeId) {
        return driver.<String, NodeEntry>getKeyValueStore(Stores.NODES).get(nodeId);
    }

    Map<String, StateStore> stores() {
        return driver.getAllStateStores();
    }

    KeyValueStore<byte[], byte[]> store(String name) {
        return driver.getKeyValueStore(name);
    }

    /** A user's buckets by their starts. */
    Map<Instant, Traffic> user(Bucket bucket, String tenantId, String userId) {
        return traffic(rows(Stores.usage(bucket), Stores.USAGE_OPEN, bucket, StoreKey.user(tenantId, userId)));
    }

    /** A tenant's buckets by their starts; the empty tenant is the cluster. */
    Map<Instant, Traffic> tenant(Bucket bucket, String tenantId) {
        return traffic(rows(Stores.tenant(bucket), Stores.TENANT_OPEN, bucket, StoreKey.tenant(tenantId)));
    }

    /** What a user is billed over all days. */
    long billedUser(String tenantId, String userId) {
        return billed(rows(Stores.usage(Bucket.DAY), Stores.USAGE_OPEN, Bucket.DAY, StoreKey.user(tenantId, userId)));
    }

    /** What a tenant is billed over all days. */
    long billedTenant(String tenantId) {
        return billed(rows(Stores.tenant(Bucket.DAY), Stores.TENANT_OPEN, Bucket.DAY, StoreKey.tenant(tenantId)));
    }

    private static long billed(Map<Instant, UsageBucket> rows) {
        return rows.values().stream().mapToLong(UsageBucket::getBillableBytes).sum();
    }

    /** A tenant's outcomes over all days. */
    Map<String, Long> outcomes(String tenantId) {
        Map<String, Long> sum = new TreeMap<>();
        rows(Stores.tenant(Bucket.DAY), Stores.TENANT_OPEN, Bucket.DAY, StoreKey.tenant(tenantId)).values()
                .forEach(row -> row.getOutcomes().forEach((cell, count) -> sum.merge(cell, count, Long::sum)));
        sum.values().removeIf(count -> count == 0);
        return sum;
    }

    static Traffic sum(Map<Instant, Traffic> buckets) {
        return buckets.values().stream().reduce(Traffic.ZERO, Traffic::plus);
    }

    boolean isWholesale() {
        return deadLetters.isWholesale();
    }

    double counter(String name) {
        return metrics.registry().get(name).counter().count();
    }

    /** The buckets of whoever has the prefix, with the open minute in its own. */
    private Map<Instant, UsageBucket> rows(String store, String openStore, Bucket bucket, byte[] prefix) {
        Map<Instant, UsageSum> rows = new TreeMap<>();
        KeyValueStore<byte[], UsageBucket> buckets = driver.getKeyValueStore(store);
        try (KeyValueIterator<byte[], UsageBucket> range = buckets.prefixScan(prefix, new ByteArraySerializer())) {
            while (range.hasNext()) {
                KeyValue<byte[], UsageBucket> row = range.next();
                rows.put(Instant.ofEpochMilli(StoreKey.bucketStart(row.key)), UsageSum.of(row.value));
            }
        }
        UsagePart open = driver.<byte[], UsagePart>getKeyValueStore(openStore).get(prefix);
        if (open != null) {
            rows.computeIfAbsent(Instant.ofEpochMilli(bucket.startOf(open.getMinuteMillis())), key -> new UsageSum())
                    .add(open.getUsage());
        }
        Map<Instant, UsageBucket> whole = new TreeMap<>();
        rows.forEach((start, sum) -> whole.put(start, sum.bucket()));
        return whole;
    }

    private static Map<Instant, Traffic> traffic(Map<Instant, UsageBucket> rows) {
        Map<Instant, Traffic> traffic = new TreeMap<>();
        rows.forEach((start, row) -> traffic.put(start, Traffic.of(row.getTraffic())));
        return traffic;
    }

    @Override
    public void close() {
        driver.close();
        memory.close();
    }
}
