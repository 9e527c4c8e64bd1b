package io.turnpike.telemetry.store;

import io.turnpike.telemetry.store.v1.UsageBucket;
import java.util.HashMap;
import java.util.Map;

/** A bucket that grows: traffic, what of it is billed, and outcomes. Nothing wraps around. Confined to one thread. */
public final class UsageSum {
    private final Traffic.Sum traffic = new Traffic.Sum();
    private long billableBytes;
    private Map<String, Long> outcomes = Map.of();
    private long adjustmentBytes;
    private int version;
    private long dueAtMillis;
    private boolean recheck;

    /** A sum that begins with a bucket. */
    public static UsageSum of(UsageBucket bucket) {
        UsageSum sum = new UsageSum();
        sum.traffic.add(Traffic.of(bucket.getTraffic()));
        sum.billableBytes = bucket.getBillableBytes();
        sum.outcomes = bucket.getOutcomes().isEmpty() ? Map.of() : new HashMap<>(bucket.getOutcomes());
        sum.adjustmentBytes = bucket.getAdjustmentBytes();
        sum.version = bucket.getVersion();
        sum.dueAtMillis = bucket.getDueAtMillis();
        sum.recheck = bucket.getRecheck();
        return sum;
    }

    /** Adds traffic. */
    public void add(Traffic part, long billablePart) {
        traffic.add(part);
        billableBytes = Math.addExact(billableBytes, billablePart);
    }

    /** Adds traffic of an earlier period, which is closed. */
    public void addAdjustment(Traffic part, long billablePart) {
        add(part, billablePart);
        adjustmentBytes = Math.addExact(adjustmentBytes, billablePart);
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
        add(of(bucket));
    }

    /** Adds all of another sum. */
    public void add(UsageSum other) {
        traffic.add(other.traffic);
        billableBytes = Math.addExact(billableBytes, other.billableBytes);
        adjustmentBytes = Math.addExact(adjustmentBytes, other.adjustmentBytes);
        other.outcomes.forEach(this::addOutcome);
    }

    /** When it is due, milliseconds since 1970; 0 if there is nothing to publish. */
    public long dueAtMillis() {
        return dueAtMillis;
    }

    /** Whether it is due only to be published again if all events of its hour have arrived since. */
    public boolean isRecheck() {
        return recheck;
    }

    /** Says when it is to be published because it has changed. */
    public void dueAt(long millis) {
        dueAtMillis = millis;
        recheck = false;
    }

    /** Says when it is to be published again, though it has not changed, if all events of its hour have arrived. */
    public void recheckAt(long millis) {
        dueAtMillis = millis;
        recheck = true;
    }

    /** Notes that it is published; the bucket has the new version. */
    public UsageBucket published() {
        version++;
        dueAtMillis = 0;
        recheck = false;
        return bucket();
    }

    /** The form in which stores and topics keep it; shares nothing with this sum that changes. */
    public UsageBucket bucket() {
        return new UsageBucket(traffic.totals(), billableBytes,
                outcomes.isEmpty() ? Map.of() : new HashMap<>(outcomes),
                adjustmentBytes, version, dueAtMillis, recheck);
    }
}
