package io.turnpike.node.quota;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one event loop has drawn from an account and not spent, with the loop's counters. One writer, the loop; the
 * report thread reads figures that are at most one write old.
 */
final class Slice {
    private final Account account;
    private final AtomicLong remainingBytes = new AtomicLong();
    private final AtomicLong spentBytes = new AtomicLong();
    private final AtomicLong unboundBytes = new AtomicLong();
    private final AtomicLong refusedBytes = new AtomicLong();
    /** Part of {@link #unboundBytes} that the account has booked; guarded by the account's tenant. */
    private long bookedBytes;
    /** {@link #spentBytes} when the report thread last looked; guarded by the account's tenant. */
    private long spentBytesSeen;

    Slice(Account account) {
        this.account = account;
    }

    Account account() {
        return account;
    }

    /** Whether bytes may be spent; draws what is missing. */
    boolean covers(int bytes, boolean bound) {
        return !bound || covers(bytes);
    }

    /** How many of bytes that can wait may be spent: all, or the largest of a half, a quarter ... of them. */
    int coverable(int bytes, boolean bound) {
        int part = bytes;
        while (part > 0 && !covers(part, bound)) {
            part >>= 1;
        }
        return part;
    }

    /** Spends bytes that are covered. */
    void spend(int bytes, boolean bound) {
        add(bound ? remainingBytes : unboundBytes, bound ? -bytes : bytes);
        add(spentBytes, bytes);
    }

    /** Counts bytes that must be dropped. */
    void refuse(int bytes) {
        add(refusedBytes, bytes);
    }

    private boolean covers(int bytes) {
        long missing = bytes - remainingBytes.getPlain();
        if (missing > 0) {
            long drawn = account.draw(missing);
            if (drawn < missing) {
                return false;
            }
            add(remainingBytes, drawn);
        }
        return true;
    }

    /** Takes back a debit of this account. The bytes stay drawn (QUOTA.md rule 2) and are spent by the next debit. */
    void refund(int bytes) {
        long refunded = Math.min(bytes, spentBytes.getPlain());
        add(remainingBytes, refunded);
        add(spentBytes, -refunded);
    }

    /** Lays what is left back where other loops find it. */
    void giveBack() {
        long left = remainingBytes.getPlain();
        if (left > 0) {
            remainingBytes.setOpaque(0);
            account.takeBack(left);
        }
    }

    long remainingBytes() {
        return remainingBytes.getOpaque();
    }

    long spentBytes() {
        return spentBytes.getOpaque();
    }

    long refusedBytes() {
        return refusedBytes.getOpaque();
    }

    /** Bytes forwarded without a grant since the last call; guarded by the account's tenant. */
    long takeUnbooked() {
        long unbound = unboundBytes.getOpaque();
        long unbooked = unbound - bookedBytes;
        bookedBytes = unbound;
        return unbooked;
    }

    /** Whether nothing was spent since the last call; guarded by the account's tenant. */
    boolean isIdle() {
        long spent = spentBytes();
        boolean idle = spent == spentBytesSeen;
        spentBytesSeen = spent;
        return idle;
    }

    private static void add(AtomicLong counter, long bytes) {
        counter.setOpaque(counter.getPlain() + bytes);
    }
}
