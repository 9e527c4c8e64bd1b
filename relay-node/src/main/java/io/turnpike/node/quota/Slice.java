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

    /** Spends bytes; draws what is missing. */
    boolean debit(int bytes, boolean bound) {
        if (!bound) {
            add(unboundBytes, bytes);
            add(spentBytes, bytes);
            return true;
        }
        if (!covers(bytes)) {
            refuse(bytes);
            return false;
        }
        add(remainingBytes, -bytes);
        add(spentBytes, bytes);
        return true;
    }

    /** Counts bytes that must be dropped. */
    void refuse(int bytes) {
        add(refusedBytes, bytes);
    }

    /** Spends what is covered of bytes that can wait: all, or the largest of a half, a quarter ... of them. */
    int debitUpTo(int bytes, boolean bound) {
        if (!bound) {
            debit(bytes, false);
            return bytes;
        }
        int part = bytes;
        while (part > 0 && !covers(part)) {
            part >>= 1;
        }
        add(remainingBytes, -part);
        add(spentBytes, part);
        return part;
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
