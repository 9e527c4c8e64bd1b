package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.events.v1.UsageRollup;
import io.turnpike.telemetry.cluster.HerePartitions;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.query.PartitionStores;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.StoredUsage;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.CommitHook;
import io.turnpike.telemetry.store.StateSerde;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.UsageSum;
import io.turnpike.telemetry.store.WriteSequence;
import io.turnpike.telemetry.store.v1.UsageDelta;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.internals.WrappedStateStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reader finds between any two writes of the step. */
class OpenMinutesTest {
    private static final Instant START = StreamHarness.START;
    private static final TimeRange DAY = new TimeRange(Instant.parse("2026-11-22T00:00:00Z"),
            Instant.parse("2026-11-23T00:00:00Z"));
    private static final String TENANT = "acme";

    @TempDir
    File folder;
    private final Map<String, StateStore> stores = new HashMap<>();
    private final List<Boolean> seenWhole = new ArrayList<>();
    private MockProcessorContext<String, UsageRollup> context;
    private CommitHook hook;
    private OpenMinutes minutes;
    private long expected;

    @BeforeEach
    void open() {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "minutes-test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        context = new MockProcessorContext<>(settings, new TaskId(0, 0), folder);
        context.setCurrentSystemTimeMs(START.toEpochMilli());
        hook = CommitHook.builder(Stores.TENANT_COMMIT).build();
        hook.init(context.getStateStoreContext(), hook);
        add(Stores.TENANT_OPEN, StateSerde.usagePart());
        add(Stores.TENANT_DUE, Serdes.ByteArray());
        for (Bucket bucket : Bucket.values()) {
            add(Stores.tenant(bucket), StateSerde.usageBucket());
        }
        minutes = new OpenMinutes(context, new Rounds(), Stores.TENANT_OPEN, Stores.TENANT_DUE, hook, Stores::tenant,
                hour -> Optional.of(false), new TelemetryMetrics(new SimpleMeterRegistry()));
    }

    private <V> void add(String name, Serde<V> values) {
        KeyValueStore<byte[], V> kept = org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                org.apache.kafka.streams.state.Stores.inMemoryKeyValueStore(name), Serdes.ByteArray(), values)
                .withLoggingDisabled().build();
        Watched<V> store = new Watched<>(kept);
        store.init(context.getStateStoreContext(), store);
        stores.put(name, store);
    }

    /** A store after each write of which somebody looks. */
    private final class Watched<V> extends WrappedStateStore<KeyValueStore<byte[], V>, byte[], V>
            implements
                KeyValueStore<byte[], V> {
        Watched(KeyValueStore<byte[], V> store) {
            super(store);
        }

        @Override
        public void init(StateStoreContext storeContext, StateStore root) {
            wrapped().init(storeContext, wrapped());
            context.addStateStore(this);
        }

        @Override
        public void put(byte[] key, V value) {
            wrapped().put(key, value);
            look();
        }

        @Override
        public V delete(byte[] key) {
            V before = wrapped().delete(key);
            look();
            return before;
        }

        @Override
        public V putIfAbsent(byte[] key, V value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void putAll(List<org.apache.kafka.streams.KeyValue<byte[], V>> entries) {
            throw new UnsupportedOperationException();
        }

        @Override
        public V get(byte[] key) {
            return wrapped().get(key);
        }

        @Override
        public org.apache.kafka.streams.state.KeyValueIterator<byte[], V> range(byte[] from, byte[] to) {
            return wrapped().range(from, to);
        }

        @Override
        public org.apache.kafka.streams.state.KeyValueIterator<byte[], V> all() {
            return wrapped().all();
        }

        @Override
        public long approximateNumEntries() {
            return wrapped().approximateNumEntries();
        }
    }

    /** Notes whether a reader that does not know of the sequence would find everything; one that does would wait. */
    private void look() {
        boolean isWhole = isWholeIn(Step.MINUTE) && isWholeIn(Step.HOUR) && isWholeIn(Step.DAY);
        seenWhole.add(isWhole);
        assertThat(isWhole || hook.writes().isWriting()).as("what is not whole is being written").isTrue();
    }

    private boolean isWholeIn(Step step) {
        return billed(step, Optional.empty()) == expected;
    }

    private long billed(Step step, Optional<WriteSequence> writes) {
        return new StoredUsage(new HerePartitions(1, partition -> new PartitionStores() {
            @Override
            @SuppressWarnings("unchecked")
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                return (ReadOnlyKeyValueStore<K, V>) stores.get(store);
            }

            @Override
            public Optional<WriteSequence> writes() {
                return writes;
            }
        })).tenantUsage(TENANT, step == Step.MINUTE ? new TimeRange(START, START.plus(Duration.ofHours(1))) : DAY, step)
                .value().total().billableBytes();
    }

    private void use(int minute, long bytes) {
        UsageSum sum = new UsageSum();
        sum.add(Traffic.ZERO, bytes);
        minutes.add(StoreKey.tenant(TENANT), new UsageDelta(TENANT, "",
                List.of(new UsagePart(START.plus(Duration.ofMinutes(minute)).toEpochMilli(), sum.bucket())),
                List.of()));
        expected += bytes;
    }

    @Test
    void aMinuteThatMovesIsWholeOrIsBeingWritten() {
        use(0, 5);
        minutes.write();
        assertThat(seenWhole).containsExactly(true);
        use(1, 0);
        minutes.write();
        use(3, 0);
        minutes.write();

        assertThat(seenWhole).as("there are moments at which it is in neither").contains(false);
        assertThat(hook.writes().isWriting()).isFalse();
        assertThat(billed(Step.MINUTE, Optional.of(hook.writes()))).isEqualTo(5);
    }

    @Test
    void aMinuteThatIsIdleIsWholeOrIsBeingWritten() {
        use(0, 5);
        minutes.write();
        seenWhole.clear();
        long later = START.plus(OpenMinutes.IDLE).plusSeconds(1).toEpochMilli();
        context.setCurrentSystemTimeMs(later);
        context.scheduledPunctuators().forEach(round -> round.getPunctuator().punctuate(later));

        assertThat(seenWhole).contains(false);
        assertThat(hook.writes().isWriting()).isFalse();
        assertThat(((KeyValueStore<?, ?>) stores.get(Stores.TENANT_OPEN)).approximateNumEntries()).isZero();
        assertThat(billed(Step.DAY, Optional.of(hook.writes()))).isEqualTo(5);
    }

    @Test
    void aMinuteThatOnlyGrowsHoldsUpNobody() {
        use(0, 5);
        minutes.write();
        use(0, 0);
        int before = seenWhole.size();
        minutes.write();

        assertThat(seenWhole).hasSize(before + 1).doesNotContain(false);
    }
}
