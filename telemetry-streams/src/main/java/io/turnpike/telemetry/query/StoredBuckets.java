package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.WriteSequence;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Reads the buckets of a user, tenant, node or the cluster together with the minute that is still open, which is in no
 * bucket yet. The stream moves it there while others read: what is read of the owner of the data holds it once. The stores
 * of a copy follow one by one, so that of a copy a minute that moves may be missing, or there twice, for a moment.
 */
final class StoredBuckets {
    private static final int MOST_TRIES = 3;
    private static final long MOST_LOOKUPS = 4;

    private final ReadOnlyKeyValueStore<byte[], UsageBucket> buckets;
    private final ReadOnlyKeyValueStore<byte[], UsagePart> open;
    private final Optional<WriteSequence> writes;
    private final Bucket bucket;

    private StoredBuckets(PartitionStores stores, String bucketStore, String openStore, Bucket bucket) {
        this.buckets = stores.open(bucketStore);
        this.open = stores.open(openStore);
        this.writes = stores.writes();
        this.bucket = bucket;
    }

    /** Buckets of users, in the stores of {@link StoreGroup#USERS}. */
    static StoredBuckets ofUsers(PartitionStores stores, Bucket bucket) {
        return new StoredBuckets(stores, Stores.usage(bucket), Stores.USAGE_OPEN, bucket);
    }

    /** Buckets of tenants, nodes and the cluster, in the stores of {@link StoreGroup#TENANTS}. */
    static StoredBuckets ofScopes(PartitionStores stores, Bucket bucket) {
        return new StoredBuckets(stores, Stores.tenant(bucket), Stores.TENANT_OPEN, bucket);
    }

    /** A bucket, or a minute that belongs to it. */
    record Row(Instant start, UsageBucket usage) {}

    /**
     * The rows of a half-open range; two of them may be of the same bucket.
     *
     * @param prefix of the keys: whose buckets they are
     */
    List<Row> rows(byte[] prefix, TimeRange range) {
        return writes.isPresent() ? writes.get().read(() -> read(prefix, range)) : read(prefix, range);
    }

    private List<Row> read(byte[] prefix, TimeRange range) {
        UsagePart before = open.get(prefix);
        List<Row> rows = closed(prefix, range);
        UsagePart after = open.get(prefix);
        for (int tries = 1; tries < MOST_TRIES && !isSameMinute(before, after); tries++) {
            before = after;
            rows = closed(prefix, range);
            after = open.get(prefix);
        }
        if (after != null) {
            Instant start = Instant.ofEpochMilli(bucket.startOf(after.getMinuteMillis()));
            if (!start.isBefore(range.from()) && start.isBefore(range.to())) {
                rows.add(new Row(start, after.getUsage()));
            }
        }
        return rows;
    }

    /** Few buckets are looked up one by one: to begin an iterator costs as much. The store's own ranges are closed. */
    private List<Row> closed(byte[] prefix, TimeRange range) {
        long from = Math.max(0, range.from().toEpochMilli());
        long to = Math.max(from, range.to().toEpochMilli() - 1);
        List<Row> rows = new ArrayList<>();
        if ((to - from) / bucket.length().toMillis() < MOST_LOOKUPS) {
            for (long start = bucket.startOf(from); start <= to; start += bucket.length().toMillis()) {
                UsageBucket row = start < from ? null : buckets.get(StoreKey.bucket(prefix, start));
                if (row != null) {
                    rows.add(new Row(Instant.ofEpochMilli(start), row));
                }
            }
            return rows;
        }
        try (KeyValueIterator<byte[], UsageBucket> stored = buckets.range(StoreKey.bucket(prefix, from),
                StoreKey.bucket(prefix, to))) {
            while (stored.hasNext()) {
                KeyValue<byte[], UsageBucket> row = stored.next();
                rows.add(new Row(Instant.ofEpochMilli(StoreKey.bucketStart(row.key)), row.value));
            }
        }
        return rows;
    }

    private static boolean isSameMinute(UsagePart before, UsagePart after) {
        return Objects.equals(before == null ? null : before.getMinuteMillis(),
                after == null ? null : after.getMinuteMillis());
    }
}
