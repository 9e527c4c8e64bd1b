package io.turnpike.node.quota;

/**
 * When a tenant's account asks for more credit, and what it keeps when the ledger calls credit back (DESIGN section 8).
 * Guarded by the tenant.
 */
final class Refill {
    private static final long HORIZON_SECONDS = 5;
    private static final long AMPLE_SECONDS = 300;
    private static final long AMPLE_BYTES = 1024 * 1024;
    private static final long FLOOR_BYTES = 16 * 1024;
    private static final long ONE_DATAGRAM_BYTES = 1500;
    /** Up to this raise an account is in slow start (QUOTA.md rule 16) and asks as soon as it has spent anything. */
    private static final long SLOW_START_BYTES = 256 * 1024;

    private boolean scarce;
    private boolean exhausted;

    /** Notes whether the ledger runs short. */
    void granted(QuotaGrant grant) {
        scarce = grant.recall();
        exhausted = grant.exhausted();
    }

    /** Whether the ledger has little or nothing left. */
    boolean isQuotaShort() {
        return scarce || exhausted;
    }

    /** Tells the account's event loops when to call. */
    void mark(Account account, SpendingRate rate) {
        account.setRefillBelowBytes(markBytes(account, rate), SpendAhead.stepBytes(rate));
    }

    /** Whether the account should ask. */
    boolean isLow(Account account) {
        return account.unspentBytes() < account.refillBelowBytes();
    }

    private long markBytes(Account account, SpendingRate rate) {
        if (scarce) {
            return Math.max(ONE_DATAGRAM_BYTES, keptBytes(rate) / 4);
        }
        long raise = account.lastRaiseBytes();
        return Math.max(ONE_DATAGRAM_BYTES, Math.max(raise <= SLOW_START_BYTES ? raise : raise / 4,
                rate.bytesPerSecond() * HORIZON_SECONDS));
    }

    /** What to ask for beyond the unspent credit. */
    long wantBytes(Account account, SpendingRate rate) {
        long ample = Math.max(AMPLE_BYTES, rate.bytesPerSecond() * AMPLE_SECONDS);
        return Math.max(FLOOR_BYTES, ample - account.unspentBytes());
    }

    /** Answers a recall: keeps seconds of credit where data moves, nothing elsewhere. True if anything was given up. */
    boolean giveUpSurplus(Account account, SpendingRate rate, boolean busy) {
        return account.giveUp(busy ? keptBytes(rate) : 0);
    }

    private static long keptBytes(SpendingRate rate) {
        return Math.max(FLOOR_BYTES, rate.bytesPerSecond() * HORIZON_SECONDS);
    }
}
