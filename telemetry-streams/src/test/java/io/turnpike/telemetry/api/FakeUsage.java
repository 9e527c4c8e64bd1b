package io.turnpike.telemetry.api;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.telemetry.query.UsageQueries;
import io.turnpike.telemetry.query.UsageSeries;
import io.turnpike.telemetry.query.UserPage;
import io.turnpike.telemetry.query.UserSort;
import io.turnpike.telemetry.query.UserUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Who used what and which node relayed it, by the minute. */
final class FakeUsage implements UsageQueries {
    private record Bucket(String tenant, String user, Instant minute) {}

    private final FakeStores stores;
    private final Map<Bucket, Usage> buckets = new HashMap<>();
    private final Map<String, Map<Instant, Usage>> relayed = new HashMap<>();
    private boolean isAway;

    FakeUsage(FakeStores stores) {
        this.stores = stores;
    }

    synchronized void clear() {
        buckets.clear();
        relayed.clear();
        isAway = false;
    }

    synchronized void use(String tenant, String user, Instant at, Usage usage) {
        buckets.merge(new Bucket(tenant, user, Step.MINUTE.floor(at)), usage, Usage::plus);
    }

    synchronized void relay(String node, Instant at, Usage usage) {
        relayed.computeIfAbsent(node, id -> new HashMap<>()).merge(Step.MINUTE.floor(at), usage, Usage::plus);
    }

    /** Series cannot be read, everything else can. */
    synchronized void away(boolean now) {
        isAway = now;
    }

    /** What a tenant was billed for in a period. */
    synchronized long billableBytes(String tenantId, QuotaPeriod period) {
        return buckets.entrySet().stream()
                .filter(entry -> entry.getKey().tenant.equals(tenantId) && period.contains(entry.getKey().minute))
                .mapToLong(entry -> entry.getValue().billableBytes()).sum();
    }

    @Override
    public synchronized Answer<UsageSeries> tenantUsage(String tenantId, TimeRange range, Step step) {
        return series(usedBy(bucket -> bucket.tenant.equals(tenantId)), range, step);
    }

    @Override
    public synchronized Answer<UsageSeries> userUsage(String tenantId, String userId, TimeRange range, Step step) {
        return series(usedBy(bucket -> bucket.tenant.equals(tenantId) && bucket.user.equals(userId)), range, step);
    }

    @Override
    public synchronized Answer<UsageSeries> clusterUsage(TimeRange range, Step step) {
        return series(usedBy(bucket -> true), range, step);
    }

    @Override
    public synchronized Answer<UsageSeries> nodeUsage(String nodeId, TimeRange range, Step step) {
        return series(relayed.getOrDefault(nodeId, Map.of()), range, step);
    }

    private Map<Instant, Usage> usedBy(Predicate<Bucket> filter) {
        Map<Instant, Usage> minutes = new HashMap<>();
        buckets.forEach((bucket, usage) -> {
            if (filter.test(bucket)) {
                minutes.merge(bucket.minute, usage, Usage::plus);
            }
        });
        return minutes;
    }

    private Answer<UsageSeries> series(Map<Instant, Usage> minutes, TimeRange range, Step step) {
        if (isAway) {
            throw new StoreUnavailable("the usage store is moving", Duration.ofSeconds(1));
        }
        TreeMap<Instant, Usage> points = new TreeMap<>();
        minutes.forEach((minute, usage) -> {
            if (range.contains(minute)) {
                points.merge(step.floor(minute), usage, Usage::plus);
            }
        });
        return stores.answer(new UsageSeries(range, step, points.entrySet().stream()
                .map(entry -> new UsageSeries.Point(entry.getKey(), entry.getValue())).toList()));
    }

    @Override
    public synchronized Answer<UserPage> users(String tenantId, TimeRange range, Step step, UserSort sort, int limit,
            Optional<UserPage.After> after) {
        Map<String, Usage> sums = new HashMap<>();
        buckets.forEach((bucket, usage) -> {
            if (bucket.tenant.equals(tenantId) && range.contains(bucket.minute)) {
                sums.merge(bucket.user, usage, Usage::plus);
            }
        });
        List<UserUsage> rest = sums.entrySet().stream().map(entry -> new UserUsage(entry.getKey(), entry.getValue()))
                .sorted(sort.order())
                .filter(user -> after
                        .map(end -> sort.order().compare(user, new UserUsage(end.user(),
                                new Usage(Usage.ZERO.clientToRelay(), Usage.ZERO.relayToPeer(),
                                        Usage.ZERO.peerToRelay(), Usage.ZERO.relayToClient(),
                                        end.billableBytes()))) > 0)
                        .orElse(true))
                .toList();
        List<UserUsage> page = rest.subList(0, Math.min(limit, rest.size()));
        return stores.answer(new UserPage(page, rest.size() > limit
                ? Optional.of(new UserPage.After(page.get(limit - 1).billableBytes(), page.get(limit - 1).user()))
                : Optional.empty()));
    }
}
