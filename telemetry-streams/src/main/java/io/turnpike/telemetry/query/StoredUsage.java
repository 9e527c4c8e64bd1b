package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.DirectionTotals;
import io.turnpike.telemetry.store.v1.TrafficTotals;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Usage from the bucket stores. */
public final class StoredUsage implements UsageQueries {
    private static final ByteArraySerializer BYTES = new ByteArraySerializer();

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
        return new Answer<>(series(Stores.tenant(bucket(step)), Stores.TENANT_OPEN, StoreKey.tenant(tenantId), range,
                step), freshness);
    }

    @Override
    public Answer<UsageSeries> userUsage(String tenantId, String userId, TimeRange range, Step step) {
        Freshness freshness = userFreshness.get();
        return new Answer<>(
                series(Stores.usage(bucket(step)), Stores.USAGE_OPEN, StoreKey.user(tenantId, userId), range,
                        step),
                freshness);
    }

    @Override
    public Answer<UsageSeries> clusterUsage(TimeRange range, Step step) {
        return tenantUsage(StoreKey.CLUSTER, range, step);
    }

    @Override
    public Answer<UserPage> users(String tenantId, TimeRange range, Step step, UserSort sort, int limit,
            Optional<UserPage.After> after) {
        Freshness freshness = userFreshness.get();
        Comparator<UserUsage> order = sort.order();
        List<UserUsage> users = read(Stores.usage(bucket(step)), Stores.USAGE_OPEN,
                (buckets, open) -> userIds(tenantId).stream().map(user -> new UserUsage(user,
                        sum(StoredBuckets.rows(buckets, open, StoreKey.user(tenantId, user), bucket(step), range))))
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

    private UsageSeries series(String bucketStore, String openStore, byte[] prefix, TimeRange range, Step step) {
        List<StoredBuckets.Row> rows = read(bucketStore, openStore,
                (buckets, open) -> StoredBuckets.rows(buckets, open, prefix, bucket(step), range));
        Map<Instant, Usage> points = new TreeMap<>();
        rows.forEach(row -> points.merge(step.floor(row.start()), usage(row.usage()), Usage::plus));
        points.values().removeIf(Usage.ZERO::equals); // rows in which allocations ended and nothing moved
        return new UsageSeries(range, step, points.entrySet().stream()
                .map(point -> new UsageSeries.Point(point.getKey(), point.getValue())).toList());
    }

    private <T> T read(String bucketStore, String openStore,
            BiFunction<ReadOnlyKeyValueStore<byte[], UsageBucket>, ReadOnlyKeyValueStore<byte[], UsagePart>, T> question) {
        return stores.<byte[], UsageBucket, T>read(bucketStore, buckets -> stores
                .<byte[], UsagePart, T>read(openStore, open -> question.apply(buckets, open)));
    }

    private static Usage sum(List<StoredBuckets.Row> rows) {
        return rows.stream().map(row -> usage(row.usage())).reduce(Usage.ZERO, Usage::plus);
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
