package io.turnpike.telemetry.store;

/** What one user is billed, by hours and by days. A minute that is added is in its hour and in its day. Thread-safe. */
public final class BilledTimes {
    private static final int HOURS_OF_DAY = 24;
    private static final int OBJECTS_BYTES = 112;

    private final PackedSums hours = new PackedSums();
    private final PackedSums days = new PackedSums();

    /**
     * A range in whole hours as the fewest pieces: hours up to a midnight, days, hours after a midnight. Numbers count from
     * 1970, and each pair is half-open.
     */
    record Pieces(int headFrom, int headTo, int dayFrom, int dayTo, int tailFrom, int tailTo) {
        static Pieces of(int fromHour, int toHour) {
            int firstDay = (fromHour + HOURS_OF_DAY - 1) / HOURS_OF_DAY;
            int lastDay = toHour / HOURS_OF_DAY;
            return firstDay < lastDay
                    ? new Pieces(fromHour, firstDay * HOURS_OF_DAY, firstDay, lastDay, lastDay * HOURS_OF_DAY, toHour)
                    : new Pieces(fromHour, toHour, 0, 0, 0, 0);
        }

        /** Whether it needs nothing before an hour and a day. */
        boolean isSince(int hour, int day) {
            return (headFrom >= headTo || headFrom >= hour) && (dayFrom >= dayTo || dayFrom >= day)
                    && (tailFrom >= tailTo || tailFrom >= hour);
        }
    }

    /** Adds a minute to its hour and its day; answers by how many bytes of the heap this has grown. */
    public synchronized int addMinute(long startMillis, long bytes) {
        int before = packedBytes();
        addHour(startMillis, bytes);
        addDay(startMillis, bytes);
        return packedBytes() - before;
    }

    /** Adds to an hour. */
    public synchronized void addHour(long startMillis, long bytes) {
        hours.add(hourOf(startMillis), bytes);
    }

    /** Adds to a day. */
    public synchronized void addDay(long startMillis, long bytes) {
        days.add(dayOf(startMillis), bytes);
    }

    synchronized void dropBefore(int hour, int day) {
        hours.dropBefore(hour);
        days.dropBefore(day);
    }

    /** The sum of a range; {@link PackedSums#NOTHING} if the user is in none of its buckets. */
    synchronized long sum(Pieces range) {
        long sum = plus(hours.sum(range.headFrom, range.headTo), days.sum(range.dayFrom, range.dayTo));
        return plus(sum, hours.sum(range.tailFrom, range.tailTo));
    }

    synchronized boolean isEmpty() {
        return hours.isEmpty() && days.isEmpty();
    }

    /** What it takes of the heap, about. */
    synchronized int heapBytes() {
        return OBJECTS_BYTES + packedBytes();
    }

    private int packedBytes() {
        return hours.packedBytes() + days.packedBytes();
    }

    static int hourOf(long millis) {
        return Math.toIntExact(Bucket.HOUR.startOf(millis) / Bucket.HOUR.length().toMillis());
    }

    static int dayOf(long millis) {
        return Math.toIntExact(Bucket.DAY.startOf(millis) / Bucket.DAY.length().toMillis());
    }

    private static long plus(long one, long other) {
        if (one == PackedSums.NOTHING || other == PackedSums.NOTHING) {
            return Math.max(one, other);
        }
        return Math.addExact(one, other);
    }
}
