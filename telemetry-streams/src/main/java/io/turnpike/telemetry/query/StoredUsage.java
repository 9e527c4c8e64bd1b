package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.DirectionTotals;
import io.turnpike.telemetry.store.v1.TrafficTotals;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Usage from the bucket stores. */
public final class StoredUsage implements UsageQueries {
    private static final ByteArraySerializer BYTES = new ByteArraySerializer();
    private static final String CLUSTER = "";

    private final StoreReader stores;
    private final Supplier<Freshness> userFreshness;
    private final Supplier<Freshness> tenantFreshness;

    /**
     * @param userFreshness how fresh the users' buckets are
     * @param tenantFreshness how fresh the tenants' buckets are
     */
    public StoredUsage(StoreReader stores, Supplier<Freshness> userFreshness, Supplier<Freshness> tenantFreshness) {
        this.stores = stores;
        this.userFreshness = userFreshness;
        this.tenantFreshness = tenantFreshness;
    }

    @Override
    public Answer<UsageSeries> tenantUsage(String tenantId, TimeRange range, Step step) {
        Freshness freshness = tenantFreshness.get();
        return new Answer<>(series(Stores.tenant(bucket(step)), start -> StoreKey.tenantBucket(tenantId, start), range,
                step), freshness);
    }

    @Override
    public Answer<UsageSeries> userUsage(String tenantId, String userId, TimeRange range, Step step) {
        Freshness freshness = userFreshness.get();
        return new Answer<>(series(Stores.usage(bucket(step)),
                start -> StoreKey.userBucket(tenantId, userId, start), range, step), freshness);
    }

    @Override
    public Answer<UsageSeries> clusterUsage(TimeRange range, Step step) {
        return tenantUsage(CLUSTER, range, step);
    }

    @Override
    public Answer<UserPage> users(String tenantId, TimeRange range, Step step, UserSort sort, int limit,
            Optional<UserPage.After> after) {
        Freshness freshness = userFreshness.get();
        Comparator<UserUsage> order = sort.order();
        List<UserUsage> users = stores.<byte[], UsageBucket, List<UserUsage>>read(Stores.usage(bucket(step)),
                buckets -> userIds(tenantId).stream().map(user -> new UserUsage(user,
                        sum(buckets, start -> StoreKey.userBucket(tenantId, user, start), range)))
                        .filter(user -> !user.usage().equals(Usage.ZERO))
                        .filter(user -> after.map(last -> order.compare(user, lastOf(last)) > 0).orElse(true))
                        .sorted(order).limit(limit + 1L).toList());
        return new Answer<>(page(users, limit), freshness);
    }

    private static UserPage page(List<UserUsage> users, int limit) {
        if (users.size() <= limit) {
            return new UserPage(users, Optional.empty());
        }
        UserUsage last = users.get(limit - 1);
        return new UserPage(users.subList(0, limit),
                Optional.of(new UserPage.After(last.billableBytes(), last.user())));
    }

    private static UserUsage lastOf(UserPage.After after) {
        return new UserUsage(after.user(), new Usage(DirectionUsage.ZERO, DirectionUsage.ZERO, DirectionUsage.ZERO,
                DirectionUsage.ZERO, after.billableBytes()));
    }

    private List<String> userIds(String tenantId) {
        return stores.<byte[], byte[], List<String>>read(Stores.USERS, users -> {
            List<String> ids = new ArrayList<>();
            try (KeyValueIterator<byte[], byte[]> ofTenant = users.prefixScan(StoreKey.tenant(tenantId), BYTES)) {
                ofTenant.forEachRemaining(entry -> ids.add(StoreKey.userOf(entry.key)));
            }
            return ids;
        });
    }

    private UsageSeries series(String store, LongFunction<byte[]> key, TimeRange range, Step step) {
        return stores.<byte[], UsageBucket, UsageSeries>read(store, buckets -> {
            Map<Instant, Usage> points = new TreeMap<>();
            try (KeyValueIterator<byte[], UsageBucket> rows = rows(buckets, key, range)) {
                while (rows.hasNext()) {
                    KeyValue<byte[], UsageBucket> row = rows.next();
                    Instant start = step.floor(Instant.ofEpochMilli(StoreKey.bucketStart(row.key)));
                    points.merge(start, usage(row.value), Usage::plus);
                }
            }
            points.values().removeIf(Usage.ZERO::equals); // rows in which allocations ended and nothing moved
            return new UsageSeries(range, step, points.entrySet().stream()
                    .map(point -> new UsageSeries.Point(point.getKey(), point.getValue())).toList());
        });
    }

    private static Usage sum(ReadOnlyKeyValueStore<byte[], UsageBucket> buckets, LongFunction<byte[]> key,
            TimeRange range) {
        Usage sum = Usage.ZERO;
        try (KeyValueIterator<byte[], UsageBucket> rows = rows(buckets, key, range)) {
            while (rows.hasNext()) {
                sum = sum.plus(usage(rows.next().value));
            }
        }
        return sum;
    }

    /** The rows of a half-open range; the store's ranges are closed. */
    private static KeyValueIterator<byte[], UsageBucket> rows(ReadOnlyKeyValueStore<byte[], UsageBucket> buckets,
            LongFunction<byte[]> key, TimeRange range) {
        long from = Math.max(0, range.from().toEpochMilli());
        return buckets.range(key.apply(from), key.apply(Math.max(from, range.to().toEpochMilli() - 1)));
    }

    private static Bucket bucket(Step step) {
        return switch (step) {
            case MINUTE, FIVE_MINUTES -> Bucket.MINUTE;
            case HOUR -> Bucket.HOUR;
            case DAY -> Bucket.DAY;
        };
    }

    private static Usage usage(UsageBucket row) {
        return usage(row.getTraffic(), row.getBillableBytes());
    }

    static Usage usage(TrafficTotals traffic, long billableBytes) {
        return new Usage(direction(traffic.getClientToRelay()), direction(traffic.getRelayToPeer()),
                direction(traffic.getPeerToRelay()), direction(traffic.getRelayToClient()), billableBytes);
    }

    private static DirectionUsage direction(DirectionTotals totals) {
        return new DirectionUsage(totals.getWireBytes(), totals.getPayloadBytes(), totals.getPackets());
    }
}
