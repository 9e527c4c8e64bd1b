package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.store.TotalsMemory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbMemoryTest {
    private static final int LIMIT = 12 << 20;
    private static final int STORES = 4;
    private static final int ROWS = 60_000;
    private static final int ROW_BYTES = 200;

    @TempDir
    Path stateDir;

    @Test
    void blocksIndexesFiltersAndWriteBuffersOfAllStoresStayWithinOneBound() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        DeadLetters deadLetters = new DeadLetters("app", new DeadLetters.Limits(1, 1), new TelemetryMetrics(registry),
                System::nanoTime);
        RocksDbMemory memory = new RocksDbMemory(LIMIT).bindTo(registry);
        try (TopologyTestDriver driver = driver(
                StreamsSettings.of(config(), deadLetters, memory, new TotalsMemory(0)))) {
            Random random = new Random(1);
            long most = 0;
            for (int row = 0; row < ROWS; row++) {
                KeyValueStore<byte[], byte[]> store = driver.getKeyValueStore("store-" + row % STORES);
                byte[] value = new byte[ROW_BYTES];
                random.nextBytes(value);
                store.put(ByteBuffer.allocate(8).putLong(row).array(), value);
                if (row % 500 == 0) {
                    store.get(ByteBuffer.allocate(8).putLong(random.nextInt(row + 1)).array());
                    most = Math.max(most, memory.usedBytes());
                }
            }
            assertThat((long) ROWS * ROW_BYTES).as("does not fit").isGreaterThan(LIMIT - (1 << 20));
            assertThat(most).isPositive().isLessThanOrEqualTo(LIMIT + (1 << 20));
            assertThat(registry.get("turn_telemetry_rocksdb_limit_bytes").gauge().value()).isEqualTo(LIMIT);
            assertThat(registry.get("turn_telemetry_rocksdb_used_bytes").gauge().value()).isPositive();
            assertThat(outsideOfTheCache(driver)).as("readers of tables hold no index and no filter")
                    .isLessThan(1 << 20);
        }
        memory.close();
        assertThat(memory.usedBytes()).as("freed memory is not asked").isZero();
    }

    private static long outsideOfTheCache(TopologyTestDriver driver) {
        var readers = driver.metrics().entrySet().stream()
                .filter(each -> each.getKey().name().equals("estimate-table-readers-mem")).toList();
        assertThat(readers).hasSize(STORES);
        return readers.stream().mapToLong(each -> ((Number) each.getValue().metricValue()).longValue()).sum();
    }

    private TelemetryConfig config() {
        return TelemetryConfig.load(ConfigFactory.parseMap(Map.of("cluster-key",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "quota.default.mode", "OFF", "state-dir",
                stateDir.toString())));
    }

    /** Only its stores are of interest. */
    private static final class Idle implements Processor<byte[], byte[], Void, Void> {
        @Override
        public void process(Record<byte[], byte[]> record) {}
    }

    private static TopologyTestDriver driver(Properties settings) {
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        Topology topology = new Topology();
        topology.addSource("source", new ByteArrayDeserializer(), new ByteArrayDeserializer(), "input")
                .addProcessor("step", Idle::new, "source");
        for (int store = 0; store < STORES; store++) {
            topology.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("store-" + store),
                    Serdes.ByteArray(), Serdes.ByteArray()).withCachingDisabled(), "step");
        }
        return new TopologyTestDriver(topology, settings);
    }
}
