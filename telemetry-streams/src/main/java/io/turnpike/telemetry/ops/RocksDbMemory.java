package io.turnpike.telemetry.ops;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One bound for RocksDB's memory over all stores of the application: a block cache that every store shares, write buffers
 * charged to it. Without it each of some hundred stores takes its own.
 */
public final class RocksDbMemory implements AutoCloseable {
    /** Under this key {@link Setter}, which Kafka Streams makes, finds this object in its settings. */
    public static final String SETTING = "turnpike.rocksdb.memory";

    private static final int WRITE_BUFFER_BYTES = 4 << 20;
    private static final double HIGH_PRIORITY_SHARE = 0.1;

    private final Cache cache;
    private final WriteBufferManager writeBuffers;

    /** @param bytes the bound; a third of it for write buffers */
    public RocksDbMemory(long bytes) {
        RocksDB.loadLibrary();
        cache = new LRUCache(bytes, -1, false, HIGH_PRIORITY_SHARE);
        writeBuffers = new WriteBufferManager(bytes / 3, cache);
    }

    /** Frees the memory; only after all stores are closed. */
    @Override
    public void close() {
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
