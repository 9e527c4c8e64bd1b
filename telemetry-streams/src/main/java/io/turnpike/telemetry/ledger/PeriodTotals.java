package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaPeriod;

/**
 * Running sums over the accounts of one quota in one period, so that a report costs the same however many accounts
 * there are. Confined to the ledger's task; only {@link QuotaAccount} changes the sums.
 */
public final class PeriodTotals {
    /** Far above what any volume allows, and far enough below the overflow for every report that is still taken. */
    private static final long FULL_BYTES = 1L << 62;

    private final QuotaScope scope;
    private final QuotaPeriod period;
    private long chargeBytes;
    private long spentBytes;
    private long grantBytes;

    /** Sums of a period in which nothing was granted yet. */
    public PeriodTotals(QuotaScope scope, QuotaPeriod period) {
        this.scope = scope;
        this.period = period;
    }

    /** The same sums, of the period with other bounds. */
    PeriodTotals within(QuotaPeriod bounds) {
        PeriodTotals totals = new PeriodTotals(scope, bounds);
        totals.add(chargeBytes, spentBytes, grantBytes);
        return totals;
    }

    /** Whose quota it is. */
    public QuotaScope scope() {
        return scope;
    }

    /** Period. */
    public QuotaPeriod period() {
        return period;
    }

    /** What the accounts may have cost: sum of max(G, U). Never above the volume by a grant. */
    public long chargeBytes() {
        return chargeBytes;
    }

    /** Billable bytes forwarded, as far as reported. */
    public long spentBytes() {
        return spentBytes;
    }

    /** Sum of the cumulative allowances G. */
    public long grantBytes() {
        return grantBytes;
    }

    /** Whether the sums are so absurd that another report could make them overflow: free volume out of nothing. */
    boolean isFull() {
        return Math.max(chargeBytes, Math.max(spentBytes, grantBytes)) >= FULL_BYTES;
    }

    void add(long charge, long spent, long grant) {
        chargeBytes += charge;
        spentBytes += spent;
        grantBytes += grant;
    }

    /** The form in the store. */
    public byte[] toBytes() {
        return StateBytes.write(out -> {
            out.writeUTF(scope.text());
            StateBytes.writePeriod(out, period);
            out.writeLong(chargeBytes);
            out.writeLong(spentBytes);
            out.writeLong(grantBytes);
        });
    }

    /** Reads {@link #toBytes}. */
    public static PeriodTotals fromBytes(byte[] bytes) {
        return StateBytes.read(bytes, in -> {
            PeriodTotals totals = new PeriodTotals(QuotaScope.parse(in.readUTF()), StateBytes.readPeriod(in));
            totals.add(in.readLong(), in.readLong(), in.readLong());
            return totals;
        });
    }
}
