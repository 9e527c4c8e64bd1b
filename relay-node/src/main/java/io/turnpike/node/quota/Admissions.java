package io.turnpike.node.quota;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The requests for allocations of one tenant or user on this node, in figures: how many wait for the ledger, were admitted and
 * live, were refused. Guarded by the quota.
 */
final class Admissions {
    private final NodeContext context;
    private final SpendingRate rate;
    private final Map<String, Integer> allocationsByUser = new HashMap<>();
    private final Map<String, Integer> waitingByUser = new HashMap<>();
    private int allocations;
    private int waiting;
    private long arrivals;
    private long refused;

    /** @param rate told that somebody is about to spend */
    Admissions(NodeContext context, SpendingRate rate) {
        this.context = context;
        this.rate = rate;
    }

    /** Counts a request that waits. */
    void waits(String userId) {
        waiting++;
        arrivals++;
        waitingByUser.merge(userId, 1, Integer::sum);
    }

    /** Counts a request whose wait is over. */
    void waitsNoMore(String userId) {
        waiting--;
        takeOne(waitingByUser, userId);
    }

    /** Counts an allocation that lives from now on, or lives already. */
    void joined(String userId) {
        allocations++;
        rate.expectSpending(context.nanos());
        allocationsByUser.merge(userId, 1, Integer::sum);
    }

    /** Counts a request that was refused. */
    void refuse() {
        refused++;
    }

    void ended(String userId) {
        allocations--;
        takeOne(allocationsByUser, userId);
    }

    private static void takeOne(Map<String, Integer> counts, String userId) {
        counts.computeIfPresent(userId, (user, count) -> count == 1 ? null : count - 1);
    }

    boolean isSomebodyWaiting() {
        return waiting > 0;
    }

    /** Whether anybody is here who wants to send, or waits to. */
    boolean areAny() {
        return allocations > 0 || isSomebodyWaiting();
    }

    /** Requests that wait. */
    int waiting() {
        return waiting;
    }

    /** Requests of a user that wait. */
    int waitingOf(String userId) {
        return waitingByUser.getOrDefault(userId, 0);
    }

    /** Requests that have ever had to wait. */
    long arrivals() {
        return arrivals;
    }

    /** Live allocations of a user. */
    int allocationsOf(String userId) {
        return allocationsByUser.getOrDefault(userId, 0);
    }

    /** Hands each user with a live allocation, and their number, to the visitor. */
    void eachUser(BiConsumer<String, Integer> visitor) {
        allocationsByUser.forEach(visitor);
    }

    /** Hands each user of whom requests wait, and their number, to the visitor. */
    void eachWaiting(BiConsumer<String, Integer> visitor) {
        waitingByUser.forEach(visitor);
    }

    /** Live allocations. */
    int allocations() {
        return allocations;
    }

    /** Users with a live allocation. */
    int users() {
        return allocationsByUser.size();
    }

    /** Requests refused since the process started. */
    long refused() {
        return refused;
    }
}
