package io.turnpike.node.quota;

/** What one event loop has drawn of a rate and not used. Confined to the loop. */
final class RateSlice {
    /** A stream sends at least so much at once, or waits. */
    private static final int LEAST_PIECE_BYTES = 512;

    private final RateBucket bucket;
    /** Below 0 for what streams have sent ahead. */
    private long bytes;

    RateSlice(RateBucket bucket) {
        this.bucket = bucket;
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
        long missing = count - bytes;
        long drawn = bytes < 0 ? 0 : bucket.draw(Math.max(missing, bucket.sliceBytes(now)), missing, now);
        if (drawn == 0) {
            bucket.refused(count);
            return false;
        }
        bytes += drawn;
        return true;
    }

    private void payDebt(long now) {
        if (bytes < 0) {
            bytes += bucket.draw(-bytes, 1, now);
        }
    }

    /** Takes the tokens of as many bytes of a stream as there are; 0 if it should wait. */
    int takeUpTo(int count, Lane clock) {
        if (bytes < count) {
            long now = clock.nanos();
            payDebt(now);
            bytes += bytes < 0 ? 0 : bucket.draw(Math.max(count - bytes, bucket.sliceBytes(now)), 1, now);
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
        if (bytes <= -bucket.depthBytes(clock.nanos())) {
            return false;
        }
        bytes -= count;
        return true;
    }

    /** Lays tokens back that were taken for nothing. */
    void giveBack(int count) {
        bytes += count;
    }
}
