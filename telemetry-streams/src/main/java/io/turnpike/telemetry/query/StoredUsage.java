package io.turnpike.telemetry.query;

import io.turnpike.contract.UserKey;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.DirectionTotals;
import io.turnpike.telemetry.store.v1.TrafficTotals;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Usage from the bucket stores. */
public final class StoredUsage implements UsageQueries, UsageExport {

    private final Question<TenantSeries, UsageSeries> tenantSeries;
    private final Question<UserSeries, UsageSeries> userSeries;
    private final StoredRanking ranking;
    private final Question<PieceOf, Piece> pieces;

    private record TenantSeries(String tenantId, TimeRange range, Step step) {}

    private record UserSeries(String tenantId, String userId, TimeRange range, Step step) {}

    private record PieceOf(Optional<String> tenantId, TimeRange range, Step step, int most, Optional<After> after) {}

    /** @param partitions where the buckets' partitions are */
    public StoredUsage(Partitions partitions) {
        tenantSeries = partitions.serve("tenant-series", StoreGroup.TENANTS, TenantSeries.class, UsageSeries.class,
                StoredUsage::series);
        userSeries = partitions.serve("user-series", StoreGroup.USERS, UserSeries.class, UsageSeries.class,
                StoredUsage::series);
        ranking = new StoredRanking(partitions);
        pieces = partitions.serveScan("usage-piece", StoreGroup.USERS, PieceOf.class, Piece.class, StoredUsage::piece);
    }

    @Override
    public Answer<UsageSeries> tenantUsage(String tenantId, TimeRange range, Step step) {
        return tenantSeries.ofKey(tenantId, new TenantSeries(tenantId, range, step));
    }

    @Override
    public Answer<UsageSeries> userUsage(String tenantId, String userId, TimeRange range, Step step) {
        return userSeries.ofKey(new UserKey(tenantId, userId).text(), new UserSeries(tenantId, userId, range, step));
    }

    @Override
    public Answer<UsageSeries> nodeUsage(String nodeId, TimeRange range, Step step) {
        return tenantUsage(StoreKey.nodeScope(nodeId), range, step);
    }

    @Override
    public Answer<UsageSeries> clusterUsage(TimeRange range, Step step) {
        return tenantUsage(StoreKey.CLUSTER, range, step);
    }

    @Override
    public Answer<UserPage> users(String tenantId, TimeRange range, Step step, UserSort sort, int limit,
            Optional<UserPage.After> after) {
        return ranking.users(tenantId, range, step, sort, limit, after);
    }

    @Override
    public int partitions() {
        return pieces.partitions();
    }

    @Override
    public Answer<Piece> piece(int partition, Optional<String> tenantId, TimeRange range, Step step, int most,
            Optional<After> after) {
        return pieces.ofPartition(partition, new PieceOf(tenantId, range, step, most, after));
    }

    private static Piece piece(PieceOf question, PartitionStores stores) {
        ReadOnlyKeyValueStore<byte[], byte[]> users = stores.open(Stores.USERS);
        StoredBuckets buckets = StoredBuckets.ofUsers(stores, bucket(question.step()));
        byte[] prefix = question.tenantId().map(StoreKey::tenant).orElse(new byte[0]);
        byte[] from = question.after().map(last -> StoreKey.after(StoreKey.user(last.tenant(), last.user())))
                .orElse(prefix);
        List<Row> rows = new ArrayList<>();
        int seen = 0;
        try (KeyValueIterator<byte[], byte[]> all = users.range(from, null)) {
            while (all.hasNext()) {
                byte[] key = all.next().key;
                if (!StoreKey.startsWith(key, prefix)) {
                    break;
                }
                String tenant = StoreKey.tenantOf(key);
                String user = StoreKey.userOf(key);
                Usage usage = sum(buckets, key, question.range());
                if (!usage.equals(Usage.ZERO)) {
                    rows.add(new Row(tenant, user, usage));
                }
                if (++seen == question.most()) {
                    return new Piece(rows, Optional.of(new After(tenant, user)));
                }
            }
        }
        return new Piece(rows, Optional.empty());
    }

    private static UsageSeries series(TenantSeries question, PartitionStores stores) {
        return series(StoredBuckets.ofScopes(stores, bucket(question.step()))
                .rows(StoreKey.tenant(question.tenantId()), question.range()), question.range(), question.step());
    }

    private static UsageSeries series(UserSeries question, PartitionStores stores) {
        return series(StoredBuckets.ofUsers(stores, bucket(question.step()))
                .rows(StoreKey.user(question.tenantId(), question.userId()), question.range()), question.range(),
                question.step());
    }

    private static UsageSeries series(List<StoredBuckets.Row> rows, TimeRange range, Step step) {
        Map<Instant, Usage> points = new TreeMap<>();
        rows.forEach(row -> points.merge(step.floor(row.start()), usage(row.usage()), Usage::plus));
        points.values().removeIf(Usage.ZERO::equals); // rows in which allocations ended and nothing moved
        return new UsageSeries(range, step, points.entrySet().stream()
                .map(point -> new UsageSeries.Point(point.getKey(), point.getValue())).toList());
    }

    /** What a user used in a range. */
    static Usage sum(StoredBuckets buckets, byte[] user, TimeRange range) {
        return buckets.rows(user, range).stream().map(row -> usage(row.usage())).reduce(Usage.ZERO, Usage::plus);
    }

    static Bucket bucket(Step step) {
        return switch (step) {
            case MINUTE, FIVE_MINUTES -> Bucket.MINUTE;
            case HOUR -> Bucket.HOUR;
            case DAY -> Bucket.DAY;
        };
    }

    private static Usage usage(UsageBucket row) {
        return usage(row.getTraffic(), row.getBillableBytes(), row.getAdjustmentBytes());
    }

    static Usage usage(TrafficTotals traffic, long billableBytes, long adjustmentBytes) {
        return new Usage(direction(traffic.getClientToRelay()), direction(traffic.getRelayToPeer()),
                direction(traffic.getPeerToRelay()), direction(traffic.getRelayToClient()), billableBytes,
                adjustmentBytes);
    }

    private static DirectionUsage direction(DirectionTotals totals) {
        return new DirectionUsage(totals.getWireBytes(), totals.getPayloadBytes(), totals.getPackets());
    }
}
