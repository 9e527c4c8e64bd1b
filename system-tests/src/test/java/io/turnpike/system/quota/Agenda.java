package io.turnpike.system.quota;

import java.util.PriorityQueue;

/** The virtual clock and what is to happen when; tasks of one instant run in the order in which they were entered. */
final class Agenda {
    private record Entry(long atNanos, long order, Runnable task) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private long nowNanos;
    private long entered;
    private long steps;

    long nowNanos() {
        return nowNanos;
    }

    /** Tasks that have run. */
    long steps() {
        return steps;
    }

    void in(long delayNanos, Runnable task) {
        entries.add(new Entry(nowNanos + Math.max(0, delayNanos), entered++, task));
    }

    /** Runs what is due until then, and lets the time pass. */
    void runFor(long nanos) {
        long until = nowNanos + nanos;
        while (!entries.isEmpty() && entries.peek().atNanos <= until) {
            Entry next = entries.poll();
            nowNanos = next.atNanos;
            steps++;
            next.task.run();
        }
        nowNanos = until;
    }
}
