package io.turnpike.telemetry.store;

import java.util.Arrays;

/**
 * Sums by the number of their bucket, in as few bytes as they need: the newest one as a number, because it grows, and the older
 * ones as pairs of variable-length integers, how much earlier than the one before and how much, so that a sum of the last buckets
 * looks at those alone. Confined to its owner.
 */
final class PackedSums {
    /** No bucket is in the range; a sum is never negative. */
    static final long NOTHING = -1;

    private static final byte[] NONE = {};
    private static final int NO_BUCKET = -1;
    private static final int MOST_BYTES_OF_PAIR = 15;
    private static final int MORE = 0x80;
    private static final int LOW = 0x7F;

    private byte[] older = NONE;
    private int newest = NO_BUCKET;
    private long newestSum;

    /**
     * Adds to a bucket, whether there is one or not.
     *
     * @param bucket number of the bucket, 0 or more
     * @param amount 0 or more
     */
    void add(int bucket, long amount) {
        if (bucket == newest) {
            newestSum = Math.addExact(newestSum, amount);
        } else if (bucket < newest) {
            older = with(bucket, amount);
        } else {
            if (newest != NO_BUCKET) {
                older = new Writer(older.length, bucket).put(newest, newestSum).put(older, 0).bytes();
            }
            newest = bucket;
            newestSum = amount;
        }
    }

    /** The sum of the buckets from one number up to, and without, another; {@link #NOTHING} if there is none. */
    long sum(int from, int to) {
        if (from >= to) {
            return NOTHING;
        }
        boolean isAny = newest >= from && newest < to;
        long sum = isAny ? newestSum : 0;
        Reader pairs = new Reader(older, newest);
        while (pairs.next() && pairs.bucket >= from) {
            if (pairs.bucket < to) {
                sum = Math.addExact(sum, pairs.sum);
                isAny = true;
            }
        }
        return isAny ? sum : NOTHING;
    }

    /** Forgets the buckets before a number. */
    void dropBefore(int bucket) {
        if (newest < bucket) {
            older = NONE;
            newest = NO_BUCKET;
            return;
        }
        Reader pairs = new Reader(older, newest);
        int kept = 0;
        while (pairs.next() && pairs.bucket >= bucket) {
            kept = pairs.at;
        }
        older = kept == older.length ? older : Arrays.copyOf(older, kept);
    }

    boolean isEmpty() {
        return newest == NO_BUCKET;
    }

    /** Bytes of the older ones. */
    int packedBytes() {
        return older.length;
    }

    /** Puts a sum among the older ones; what is older than it stays as it is. */
    private byte[] with(int bucket, long amount) {
        Writer all = new Writer(older.length + MOST_BYTES_OF_PAIR, newest);
        Reader pairs = new Reader(older, newest);
        while (pairs.next()) {
            if (pairs.bucket == bucket) {
                return all.put(bucket, Math.addExact(pairs.sum, amount)).put(older, pairs.at).bytes();
            }
            if (pairs.bucket < bucket) {
                return all.put(bucket, amount).put(pairs.bucket, pairs.sum).put(older, pairs.at).bytes();
            }
            all.put(pairs.bucket, pairs.sum);
        }
        return all.put(bucket, amount).bytes();
    }

    private static final class Reader {
        private final byte[] bytes;
        private int at;
        private int bucket;
        private long sum;

        Reader(byte[] bytes, int newest) {
            this.bytes = bytes;
            this.bucket = newest;
        }

        boolean next() {
            if (at == bytes.length) {
                return false;
            }
            bucket -= (int) number();
            sum = number();
            return true;
        }

        private long number() {
            byte next = bytes[at++];
            long number = next & LOW;
            for (int shift = 7; next < 0; shift += 7) {
                next = bytes[at++];
                number |= (long) (next & LOW) << shift;
            }
            return number;
        }
    }

    private static final class Writer {
        private final byte[] bytes;
        private int at;
        private int last;

        Writer(int mostBytesOfOthers, int newest) {
            bytes = new byte[mostBytesOfOthers + MOST_BYTES_OF_PAIR];
            last = newest;
        }

        Writer put(int bucket, long sum) {
            number(last - bucket);
            number(sum);
            last = bucket;
            return this;
        }

        /** The rest of other pairs, which go on from the same bucket. */
        Writer put(byte[] others, int from) {
            System.arraycopy(others, from, bytes, at, others.length - from);
            at += others.length - from;
            return this;
        }

        private void number(long number) {
            long rest = number;
            for (; (rest & -MORE) != 0; rest >>>= 7) {
                bytes[at++] = (byte) (rest | MORE);
            }
            bytes[at++] = (byte) rest;
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes, at);
        }
    }
}
