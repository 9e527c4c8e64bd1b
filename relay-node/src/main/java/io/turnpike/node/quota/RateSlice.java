package io.turnpike.node.quota;

/** What one event loop has drawn of a rate for one direction and not used. Confined to the loop. */
final class RateSlice {
    /** A stream sends at least so much at once, or waits. */
    private static final int LEAST_PIECE_BYTES = 512;

    private final RateBucket bucket;
    private final Direction direction;
    /** Below 0 for what streams have sent ahead. */
    private long bytes;

    private RateSlice(RateBucket bucket, Direction direction) {
        this.bucket = bucket;
        this.direction = direction;
    }

    /** A slice of a bucket; null where there is none. */
    static RateSlice of(RateBucket bucket, Direction direction) {
        return bucket == null ? null : new RateSlice(bucket, direction);
    }

    /** Takes the tokens of a datagram, all or none. */
    boolean take(int count, Lane clock) {
        if (bytes >= count) {
            bytes -= count;
            return true;
        }
        return refill(count, clock.nanos()) && take(count, clock);
    }

    private boolean refill(int count, long now) {
        payDebt(now);
        long drawn = bytes < 0 ? 0 : bucket.draw(direction, count - bytes, now);
        if (drawn == 0) {
            bucket.refused(count);
            return false;
        }
        bytes += drawn;
        return true;
    }

    private void payDebt(long now) {
        if (bytes < 0) {
            bytes += bucket.drawUpTo(direction, -bytes, now);
        }
    }

    /** Takes the tokens of as many bytes of a stream as there are; 0 if it should wait. */
    int takeUpTo(int count, Lane clock) {
        if (bytes < count) {
            long now = clock.nanos();
            payDebt(now);
            bytes += bytes < 0 ? 0 : bucket.drawUpTo(direction, count - bytes, now);
        }
        int part = (int) Math.max(0, Math.min(count, bytes));
        if (part < count) {
            bucket.streamWaits();
        }
        if (part < Math.min(count, LEAST_PIECE_BYTES)) {
            return 0;
        }
        bytes -= part;
        return part;
    }

    /** Takes the tokens of a message of a stream ahead of time, which will not be read on before they have come. */
    boolean takeAhead(int count, Lane clock) {
        bucket.streamWaits();
        long now = clock.nanos();
        if (bytes <= -bucket.depthBytes(now) || bucket.owes(direction, now)) {
            return false;
        }
        bytes -= count;
        return true;
    }

    /** Ends it: what was sent ahead is owed by the bucket, and so by the next slice of it. */
    void close(Lane clock) {
        if (bytes < 0) {
            bucket.owe(direction, -bytes, clock.nanos());
        }
        bytes = 0;
    }

    /** Lays tokens back that were taken for nothing. */
    void giveBack(int count) {
        bytes += count;
    }
}
