package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.UsageSum;
import io.turnpike.telemetry.store.v1.EventCount;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.UsageDelta;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Adds up, for each user, tenant and node and for the cluster, by the minute, what one partition of allocations sees
 * within one commit: then each gets one record, and the largest tenant costs its partition no more than the smallest. It
 * is emptied before the commit, so that nothing of it outlives the transaction that it belongs to. Confined to the stream
 * thread.
 */
final class UsageOutbox {
    /** Minutes in one record: late events of many hours may make many, and a record must fit into Kafka. */
    static final int MOST_PARTS = 500;

    private final Map<String, Sums> users = new LinkedHashMap<>();
    private final Map<String, Sums> nodes = new LinkedHashMap<>();
    /** Tenants and the cluster. */
    private final Map<String, Sums> scopes = new LinkedHashMap<>();

    private record EpochHour(long epoch, long hourMillis) {}

    /** What is added to one user or scope, by minute. Nearly always it is the same minute as before. */
    private static final class Sums {
        private final String scope;
        private final String userId;
        private final Map<Long, UsageSum> minutes = new LinkedHashMap<>(2);
        private final Map<EpochHour, EventCount> events = new LinkedHashMap<>(2);
        private long lastMinute = Long.MIN_VALUE;
        private UsageSum last;

        Sums(String scope, String userId) {
            this.scope = scope;
            this.userId = userId;
        }

        UsageSum minute(long minuteMillis) {
            if (minuteMillis != lastMinute) {
                lastMinute = minuteMillis;
                last = minutes.computeIfAbsent(minuteMillis, key -> new UsageSum());
            }
            return last;
        }
    }

    /**
     * Adds the growth of an allocation over an interval to its user, tenant and node and to the cluster.
     *
     * @return billable bytes of it that belong to a period that was closed at the time of the record
     */
    long addTraffic(String userKey, Session session, long startMillis, long endMillis, Traffic growth,
            long recordMillis) {
        boolean egressOnly = session.getEgressOnly();
        List<Sums> all = List.of(
                users.computeIfAbsent(userKey, key -> new Sums(session.getTenantId(), session.getUserId())),
                scope(session.getTenantId()), node(session), scope(StoreKey.CLUSTER));
        long[] adjusted = new long[1];
        IntervalSplit.split(startMillis, endMillis, growth, (minute, part) -> {
            long billable = part.billableBytes(egressOnly);
            if (BillingPeriod.isOpen(minute, recordMillis)) {
                all.forEach(sums -> sums.minute(minute).add(part, billable));
            } else {
                long booked = BillingPeriod.bookedMinute(minute, recordMillis);
                all.forEach(sums -> sums.minute(booked).addAdjustment(part, billable));
                adjusted[0] += billable;
            }
        });
        return adjusted[0];
    }

    /** Adds outcomes to the tenant, if it is known, the node and the cluster; a negative count withdraws. */
    void addOutcome(Session session, long minuteMillis, String cell, long count) {
        if (!session.getTenantId().isEmpty()) {
            scope(session.getTenantId()).minute(minuteMillis).addOutcome(cell, count);
        }
        node(session).minute(minuteMillis).addOutcome(cell, count);
        scope(StoreKey.CLUSTER).minute(minuteMillis).addOutcome(cell, count);
    }

    /** Counts an event of an allocation that has arrived: for its node, by the hour in which it begins. */
    void addEvent(Session session, long hourMillis, boolean isNew) {
        EventCount count = node(session).events.computeIfAbsent(
                new EpochHour(session.getNodeEpoch(), hourMillis),
                key -> new EventCount(key.epoch(), key.hourMillis(), 0L, 0L));
        if (isNew) {
            count.setArrived(count.getArrived() + 1);
        } else {
            count.setRepeated(count.getRepeated() + 1);
        }
    }

    /** Hands out everything under the keys by which it is partitioned, and is empty then. */
    void drain(BiConsumer<String, UsageDelta> sink) {
        users.forEach((key, sums) -> drain(key, sums, sink));
        nodes.values().forEach(sums -> drain(sums.scope, sums, sink));
        scopes.values().forEach(sums -> drain(sums.scope, sums, sink));
        clear();
    }

    /** Forgets everything: the transaction that it belongs to is not committed. */
    void clear() {
        users.clear();
        nodes.clear();
        scopes.clear();
    }

    private Sums node(Session session) {
        return nodes.computeIfAbsent(session.getNodeId(), node -> new Sums(StoreKey.nodeScope(node), ""));
    }

    private Sums scope(String scope) {
        return scopes.computeIfAbsent(scope, key -> new Sums(key, ""));
    }

    private static void drain(String key, Sums sums, BiConsumer<String, UsageDelta> sink) {
        List<UsagePart> parts = new ArrayList<>(Math.min(sums.minutes.size(), MOST_PARTS));
        for (Map.Entry<Long, UsageSum> minute : sums.minutes.entrySet()) {
            if (parts.size() == MOST_PARTS) {
                sink.accept(key, new UsageDelta(sums.scope, sums.userId, List.copyOf(parts), List.of()));
                parts.clear();
            }
            parts.add(new UsagePart(minute.getKey(), minute.getValue().bucket()));
        }
        sink.accept(key, new UsageDelta(sums.scope, sums.userId, parts, List.copyOf(sums.events.values())));
    }
}
