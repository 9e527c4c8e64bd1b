package io.turnpike.telemetry.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One bound for RocksDB's memory over all stores of the application: a block cache that every store shares, with the
 * blocks of indexes and filters in it, and the write buffers charged to it. Without it each of some hundred stores takes its
 * own. Thread-safe.
 */
public final class RocksDbMemory implements AutoCloseable {
    /** Under this key {@link Setter}, which Kafka Streams makes, finds this object in its settings. */
    public static final String SETTING = "turnpike.rocksdb.memory";

    private static final int WRITE_BUFFER_BYTES = 4 << 20;
    private static final double HIGH_PRIORITY_SHARE = 0.1;

    private final long limitBytes;
    private final Cache cache;
    private final WriteBufferManager writeBuffers;
    private boolean closed;

    /** @param bytes the bound; a third of it for write buffers */
    public RocksDbMemory(long bytes) {
        RocksDB.loadLibrary();
        limitBytes = bytes;
        cache = new LRUCache(bytes, -1, false, HIGH_PRIORITY_SHARE);
        writeBuffers = new WriteBufferManager(bytes / 3, cache);
    }

    /** Registers what is used of the bound. */
    public RocksDbMemory bindTo(MeterRegistry registry) {
        Gauge.builder("turn_telemetry_rocksdb_limit_bytes", this, memory -> memory.limitBytes).baseUnit("bytes")
                .description("Bound of RocksDB's memory.").register(registry);
        Gauge.builder("turn_telemetry_rocksdb_used_bytes", this, memory -> memory.ask(Cache::getUsage))
                .baseUnit("bytes").description("RocksDB's memory: blocks, indexes, filters and write buffers.")
                .register(registry);
        Gauge.builder("turn_telemetry_rocksdb_pinned_bytes", this, memory -> memory.ask(Cache::getPinnedUsage))
                .baseUnit("bytes").description("The part of it that cannot be given back now, write buffers among it.")
                .register(registry);
        return this;
    }

    /** Bytes in use; 0 once it is closed. */
    long usedBytes() {
        return ask(Cache::getUsage);
    }

    /** Native memory must not be asked once it is freed. */
    private synchronized long ask(ToLongFunction<Cache> question) {
        return closed ? 0 : question.applyAsLong(cache);
    }

    /** Frees the memory; only after all stores are closed. */
    @Override
    public synchronized void close() {
        closed = true;
        writeBuffers.close();
        cache.close();
    }

    /** Gives each store its part. */
    public static final class Setter implements RocksDBConfigSetter {
        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> settings) {
            RocksDbMemory memory = (RocksDbMemory) settings.get(SETTING);
            BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
            table.setBlockCache(memory.cache);
            table.setCacheIndexAndFilterBlocks(true);
            table.setCacheIndexAndFilterBlocksWithHighPriority(true);
            table.setPinTopLevelIndexAndFilter(true);
            options.setTableFormatConfig(table);
            options.setWriteBufferManager(memory.writeBuffers);
            options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        }

        /** The shared cache outlives the store. */
        @Override
        public void close(String storeName, Options options) {}
    }
}
