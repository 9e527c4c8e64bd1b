package io.turnpike.telemetry.store;

import static org.apache.kafka.streams.state.Stores.inMemoryKeyValueStore;
import static org.apache.kafka.streams.state.Stores.keyValueStoreBuilder;
import static org.apache.kafka.streams.state.Stores.persistentKeyValueStore;

import io.turnpike.telemetry.store.v1.AuditedEpoch;
import io.turnpike.telemetry.store.v1.AuditedHour;
import io.turnpike.telemetry.store.v1.NodeEntry;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.SessionCounters;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.time.Duration;
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
    /** Allocation id to its newest {@link SessionCounters}, over those in {@link #SESSIONS}; while it is live. */
    public static final String SESSION_COUNTERS = "session-counters";
    /** Tenant and user to the minute that is still open, which is in no bucket yet; for minutes. */
    public static final String USAGE_OPEN = "usage-open";
    /** Tenant, node or cluster to the minute that is still open, which is in no bucket yet; for minutes. */
    public static final String TENANT_OPEN = "tenant-open";
    /** Tenant and user to nothing: who the users of a tenant are. As long as a user has a day bucket. */
    public static final String USERS = "users";
    /** What each user is billed by hours and days, in the heap; holds nothing that the stores do not. */
    public static final String USAGE_TOTALS = "usage-totals";
    /** Node id to {@link NodeEntry}, for {@link #NODE_RETENTION} after the last heartbeat. */
    public static final String NODES = "nodes";

    /** Time and bucket key to nothing: which hours of users are to be published when. */
    public static final String USAGE_DUE = "usage-due";
    /** Time and bucket key to nothing: which hours of tenants are to be published when. */
    public static final String TENANT_DUE = "tenant-due";
    /** Hook of the session tracker; holds nothing. */
    public static final String SESSION_COMMIT = "session-commit";
    /** Hook of the users' rollup; holds nothing. */
    public static final String USER_COMMIT = "user-commit";
    /** Hook of the tenants' rollup; holds nothing. */
    public static final String TENANT_COMMIT = "tenant-commit";

    /** Node and epoch to {@link AuditedEpoch}, for {@link #AUDIT_RETENTION} after the last heartbeat. */
    public static final String AUDIT_EPOCHS = "audit-epochs";
    /** Node, epoch and hour to {@link AuditedHour}, for {@link #AUDIT_RETENTION}. */
    public static final String AUDIT_HOURS = "audit-hours";
    /** Hook of the auditor; holds nothing. */
    public static final String AUDIT_COMMIT = "audit-commit";

    /** How long an ended allocation can be looked up, and its duplicates are recognised: as long as Kafka keeps them. */
    public static final Duration ENDED_RETENTION = Duration.ofDays(7);
    /** How long an allocation is kept whose end was concluded from silence: a node may still replay its spool. */
    public static final Duration PROVISIONAL_RETENTION = Duration.ofDays(35);
    /** How long it is known whether an hour is complete: as long as Kafka keeps the events. */
    public static final Duration AUDIT_RETENTION = Duration.ofDays(7);
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

    /** Builds {@link #SESSION_COUNTERS}; in memory because every snapshot writes it and only live allocations have it. */
    public static StoreBuilder<KeyValueStore<String, SessionCounters>> sessionCounters() {
        return keyValueStoreBuilder(inMemoryKeyValueStore(SESSION_COUNTERS), Serdes.String(),
                StateSerde.sessionCounters());
    }

    /**
     * Builds {@link #USAGE_OPEN} or {@link #TENANT_OPEN}; in memory because every delta writes it and it holds only who
     * was active in the last minutes.
     */
    public static StoreBuilder<KeyValueStore<byte[], UsagePart>> openMinutes(String name) {
        return keyValueStoreBuilder(inMemoryKeyValueStore(name), Serdes.ByteArray(), StateSerde.usagePart());
    }

    /** Builds {@link #USAGE_DUE} or {@link #TENANT_DUE}; in RocksDB because every active user has a row for two hours. */
    public static StoreBuilder<KeyValueStore<byte[], byte[]>> due(String name) {
        return keyValueStoreBuilder(persistentKeyValueStore(name), Serdes.ByteArray(), Serdes.ByteArray());
    }

    /** Builds {@link #USERS}. */
    public static StoreBuilder<KeyValueStore<byte[], byte[]>> users() {
        return keyValueStoreBuilder(persistentKeyValueStore(USERS), Serdes.ByteArray(), Serdes.ByteArray());
    }

    /** Builds {@link #USAGE_TOTALS}; without a changelog because it is filled from the other stores. */
    public static StoreBuilder<UserTotals> usageTotals() {
        return UserTotals.builder(USAGE_TOTALS);
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

    /** Builds {@link #AUDIT_EPOCHS}; in memory because there are few. */
    public static StoreBuilder<KeyValueStore<byte[], AuditedEpoch>> auditedEpochs() {
        return keyValueStoreBuilder(inMemoryKeyValueStore(AUDIT_EPOCHS), Serdes.ByteArray(), StateSerde.auditedEpoch());
    }

    /** Builds {@link #AUDIT_HOURS}; in memory because there are few, and each commit writes one of each node. */
    public static StoreBuilder<KeyValueStore<byte[], AuditedHour>> auditedHours() {
        return keyValueStoreBuilder(inMemoryKeyValueStore(AUDIT_HOURS), Serdes.ByteArray(), StateSerde.auditedHour());
    }

    private static String suffix(Bucket bucket) {
        return switch (bucket) {
            case MINUTE -> "1m";
            case HOUR -> "1h";
            case DAY -> "1d";
        };
    }
}
