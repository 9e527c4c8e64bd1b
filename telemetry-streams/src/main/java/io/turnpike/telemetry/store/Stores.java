package io.turnpike.telemetry.store;

import static org.apache.kafka.streams.state.Stores.inMemoryKeyValueStore;
import static org.apache.kafka.streams.state.Stores.keyValueStoreBuilder;
import static org.apache.kafka.streams.state.Stores.persistentKeyValueStore;

import io.turnpike.telemetry.store.v1.NodeEntry;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.TenantDelta;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * The stores of usage, allocations and nodes, each once: name, what is in it, how long, and why it is kept the way it is.
 * All have changelogs; large ones are in RocksDB, small ones in memory, where a kill costs no restore of a stale file.
 */
public final class Stores {
    /** Allocation id to {@link Session}. An entry outlives the allocation by {@link #ENDED_RETENTION}. */
    public static final String SESSIONS = "sessions";
    /** {@link SessionIndexKey} to what it points to; lives and dies with {@link #SESSIONS}. */
    public static final String SESSION_INDEX = "session-index";
    /** Tenant and minute to the {@link TenantDelta} that is not sent yet; entries live for half a second. */
    public static final String TENANT_PENDING = "tenant-pending";
    /** Tenant and user to nothing: who the users of a tenant are. As long as a user has a day bucket. */
    public static final String USERS = "users";
    /** Node id to {@link NodeEntry}, for {@link #NODE_RETENTION} after the last heartbeat. */
    public static final String NODES = "nodes";

    /** How long an ended allocation can be looked up, and its duplicates are recognised: as long as Kafka keeps them. */
    public static final Duration ENDED_RETENTION = Duration.ofDays(7);
    /** How long an allocation is kept whose end was concluded from silence: a node may still replay its spool. */
    public static final Duration PROVISIONAL_RETENTION = Duration.ofDays(35);
    /** How long a silent node is listed. */
    public static final Duration NODE_RETENTION = Duration.ofDays(7);

    private Stores() {}

    /** Name of the store of users' buckets: {@code usage-1m}, {@code usage-1h}, {@code usage-1d}. */
    public static String usage(Bucket bucket) {
        return "usage-" + suffix(bucket);
    }

    /** Name of the store of tenants' and the cluster's buckets: {@code tenant-1m}, {@code tenant-1h}, {@code tenant-1d}. */
    public static String tenant(Bucket bucket) {
        return "tenant-" + suffix(bucket);
    }

    /** Builds {@link #SESSIONS}; in RocksDB because ended allocations of a week are many. */
    public static StoreBuilder<KeyValueStore<String, Session>> sessions() {
        return keyValueStoreBuilder(persistentKeyValueStore(SESSIONS), Serdes.String(), StateSerde.session());
    }

    /** Builds {@link #SESSION_INDEX}; in RocksDB like what it points to. */
    public static StoreBuilder<KeyValueStore<byte[], byte[]>> sessionIndex() {
        return keyValueStoreBuilder(persistentKeyValueStore(SESSION_INDEX), Serdes.ByteArray(), Serdes.ByteArray());
    }

    /**
     * Builds {@link #TENANT_PENDING}; in memory because it is nearly empty, and cached so that the additions of one
     * transaction make one changelog record.
     */
    public static StoreBuilder<KeyValueStore<byte[], TenantDelta>> tenantPending() {
        return keyValueStoreBuilder(inMemoryKeyValueStore(TENANT_PENDING), Serdes.ByteArray(),
                StateSerde.tenantDelta()).withCachingEnabled()
                .withLoggingEnabled(Map.of("segment.ms", "600000", "delete.retention.ms", "60000"));
    }

    /** Builds {@link #USERS}. */
    public static StoreBuilder<KeyValueStore<byte[], byte[]>> users() {
        return keyValueStoreBuilder(persistentKeyValueStore(USERS), Serdes.ByteArray(), Serdes.ByteArray());
    }

    /** Builds a store of users' buckets; kept for {@link Bucket#retention()}. */
    public static StoreBuilder<KeyValueStore<byte[], UsageBucket>> usageBuckets(Bucket bucket) {
        return keyValueStoreBuilder(persistentKeyValueStore(usage(bucket)), Serdes.ByteArray(),
                StateSerde.usageBucket());
    }

    /** Builds a store of tenants' buckets; kept for {@link Bucket#retention()}. */
    public static StoreBuilder<KeyValueStore<byte[], UsageBucket>> tenantBuckets(Bucket bucket) {
        return keyValueStoreBuilder(persistentKeyValueStore(tenant(bucket)), Serdes.ByteArray(),
                StateSerde.usageBucket());
    }

    /** Builds {@link #NODES}; in memory because there are few. */
    public static StoreBuilder<KeyValueStore<String, NodeEntry>> nodes() {
        return keyValueStoreBuilder(inMemoryKeyValueStore(NODES), Serdes.String(), StateSerde.nodeEntry());
    }

    private static String suffix(Bucket bucket) {
        return switch (bucket) {
            case MINUTE -> "1m";
            case HOUR -> "1h";
            case DAY -> "1d";
        };
    }
}
