package io.turnpike.telemetry.ledger.share;

import java.util.Arrays;
import java.util.Comparator;

/** Divides a capacity: nobody gets more than it asks for, and who gets less has as much as anybody (max-min fairness). */
final class MaxMin {
    private MaxMin() {}

    /**
     * Divides.
     *
     * @param capacity what there is; nothing below 0
     * @param demands what each one asks for, 0 or more
     * @return what each one gets, in the order of the demands; the sum is at most the capacity
     */
    static long[] divide(long capacity, long[] demands) {
        Integer[] smallestFirst = new Integer[demands.length];
        Arrays.setAll(smallestFirst, i -> i);
        Arrays.sort(smallestFirst, Comparator.comparingLong(i -> demands[i]));
        long[] parts = new long[demands.length];
        long left = Math.max(0, capacity);
        for (int i = 0; i < demands.length; i++) {
            int who = smallestFirst[i];
            parts[who] = Math.min(demands[who], left / (demands.length - i));
            left -= parts[who];
        }
        return parts;
    }
}
