package io.turnpike.telemetry.store;

import io.turnpike.telemetry.store.v1.UsageBucket;
import java.util.HashMap;
import java.util.Map;

/** A bucket that grows: traffic, what of it is billed, and outcomes. Nothing wraps around. Confined to one thread. */
public final class UsageSum {
    private Traffic traffic = Traffic.ZERO;
    private long billableBytes;
    private Map<String, Long> outcomes = Map.of();

    /** A sum that begins with a bucket. */
    public static UsageSum of(UsageBucket bucket) {
        UsageSum sum = new UsageSum();
        sum.traffic = Traffic.of(bucket.getTraffic());
        sum.billableBytes = bucket.getBillableBytes();
        sum.outcomes = bucket.getOutcomes().isEmpty() ? Map.of() : new HashMap<>(bucket.getOutcomes());
        return sum;
    }

    /** Adds traffic. */
    public void add(Traffic part, long billablePart) {
        traffic = traffic.plus(part);
        billableBytes = Math.addExact(billableBytes, billablePart);
    }

    /** Adds to the count of an outcome; a negative count withdraws. */
    public void addOutcome(String cell, long count) {
        if (outcomes.isEmpty()) {
            outcomes = new HashMap<>();
        }
        outcomes.merge(cell, count, Math::addExact);
    }

    /** Adds all of another bucket. */
    public void add(UsageBucket bucket) {
        add(Traffic.of(bucket.getTraffic()), bucket.getBillableBytes());
        bucket.getOutcomes().forEach(this::addOutcome);
    }

    /** Adds all of another sum. */
    public void add(UsageSum other) {
        add(other.traffic, other.billableBytes);
        other.outcomes.forEach(this::addOutcome);
    }

    /** The form in which stores and topics keep it; shares nothing with this sum that changes. */
    public UsageBucket bucket() {
        return new UsageBucket(traffic.totals(), billableBytes,
                outcomes.isEmpty() ? Map.of() : new HashMap<>(outcomes));
    }
}
