package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;

/**
 * What one process may spend and has spent in one period. G is the cumulative allowance, U what the process has drawn
 * of it, and {@code max(G, U)} is what the account is charged with. Confined to the ledger's task.
 */
public final class QuotaAccount {
    private final QuotaAccountKey key;
    private long grantBytes;
    private long drawnBytes;
    private long spentBytes;

    /** Sequence of the newest grant. */
    long grantSeq;
    /** Sequence of the newest grant that raised G. */
    long raiseSeq;
    /** What the newest raise added. */
    long lastRaiseBytes;
    /** Identity of the newest report: epoch of the sending process, then its sequence. -1 if it is not known. */
    long reportEpoch = -1;
    long reportSeq = -1;
    long reportMonotonicNanos;
    Instant reportedAt = Instant.EPOCH;
    long wantBytes;
    Instant wantsSince = Instant.EPOCH;
    long rateBytesPerSecond;
    /** Part of U that was drawn beyond grants while control was lost. */
    long ungrantedBytes;
    long policyEpochSeen;
    /** The newest report came from a node that enforced the volume. */
    boolean armed;
    Instant issuedAt = Instant.EPOCH;
    QuotaState issuedState = QuotaState.UNKNOWN;
    Instant recalledAt = Instant.EPOCH;
    boolean recall;
    /** The final report was taken: no further grant, and the charge is what was drawn. */
    boolean closed;
    /** The node knew more than the ledger: no further grant (QUOTA.md rule 9). */
    boolean frozen;
    /** The newest raise came out of the tail reserve. */
    boolean trickles;

    QuotaAccount(QuotaAccountKey key) {
        this.key = key;
    }

    /** Whose account this is. */
    public QuotaAccountKey key() {
        return key;
    }

    /** Cumulative allowance G. */
    public long grantBytes() {
        return grantBytes;
    }

    /** Cumulative bytes drawn, U. */
    public long drawnBytes() {
        return drawnBytes;
    }

    /** Cumulative billable bytes forwarded. */
    public long spentBytes() {
        return spentBytes;
    }

    /** Sequence of the newest grant, 0 for none. */
    public long grantSeq() {
        return grantSeq;
    }

    /** What the account is charged with. */
    public long chargeBytes() {
        return Math.max(grantBytes, drawnBytes);
    }

    /** Credit that the process may still spend, as far as the ledger knows. */
    public long unspentBytes() {
        return Math.max(0, grantBytes - drawnBytes);
    }

    /** When the newest report was taken, by the ledger's clock. */
    public Instant reportedAt() {
        return reportedAt;
    }

    /** Newest policy epoch that the node has reported. */
    public long policyEpochSeen() {
        return policyEpochSeen;
    }

    /** Whether the newest raise came out of the tail reserve. */
    public boolean trickles() {
        return trickles;
    }

    /** Whether the account is settled. */
    public boolean closed() {
        return closed;
    }

    /** Whether the process has reported lately, so that it will report again. */
    public boolean isLive(Instant now) {
        return !closed && reportedAt.plus(QuotaRules.SILENCE).isAfter(now);
    }

    boolean mayBeGranted() {
        return !closed && !frozen;
    }

    /** Takes over what the newest report of another account of the same process said about the process. */
    void sawReportOf(QuotaAccount other) {
        reportMonotonicNanos = other.reportMonotonicNanos;
        reportedAt = other.reportedAt;
        rateBytesPerSecond = other.rateBytesPerSecond;
        policyEpochSeen = other.policyEpochSeen;
        armed = other.armed;
    }

    /** Takes what a report says was used; never less than before. */
    void use(long drawn, long spent, PeriodTotals totals) {
        long charge = chargeBytes();
        long counted = spentBytes;
        drawnBytes = Math.max(drawnBytes, drawn);
        spentBytes = Math.max(spentBytes, spent);
        totals.add(chargeBytes() - charge, spentBytes - counted, 0);
    }

    /** Adds to the allowance; what was drawn beyond it before is not given a second time. */
    void raise(long bytes, PeriodTotals totals) {
        moveGrantTo(chargeBytes() + bytes, totals);
        lastRaiseBytes = bytes;
    }

    /** Takes back what the process has given up, but nothing that is drawn. */
    void lowerTo(long cap, PeriodTotals totals) {
        moveGrantTo(Math.max(Math.min(cap, grantBytes), Math.min(drawnBytes, grantBytes)), totals);
    }

    /** Takes over an allowance that only the process knew of. */
    void adopt(long cap, long seq, PeriodTotals totals) {
        moveGrantTo(Math.max(grantBytes, cap), totals);
        grantSeq = Math.max(grantSeq, seq);
        raiseSeq = grantSeq;
    }

    private void moveGrantTo(long bytes, PeriodTotals totals) {
        long charge = chargeBytes();
        long before = grantBytes;
        grantBytes = bytes;
        totals.add(chargeBytes() - charge, 0, grantBytes - before);
    }

    /** The form in the store. */
    public byte[] toBytes() {
        return StateBytes.write(out -> {
            out.writeUTF(key.text());
            for (long number : new long[]{grantBytes, drawnBytes, spentBytes, grantSeq, raiseSeq, lastRaiseBytes,
                reportEpoch, reportSeq, reportMonotonicNanos, wantBytes, rateBytesPerSecond, policyEpochSeen}) {
                out.writeLong(number);
            }
            for (Instant instant : new Instant[]{reportedAt, wantsSince, issuedAt, recalledAt}) {
                StateBytes.writeInstant(out, instant);
            }
            out.writeUTF(issuedState.name());
            out.writeByte((armed ? 1 : 0) | (recall ? 2 : 0) | (closed ? 4 : 0) | (frozen ? 8 : 0)
                    | (trickles ? 16 : 0));
            out.writeLong(ungrantedBytes);
        });
    }

    /** Reads {@link #toBytes}. */
    public static QuotaAccount fromBytes(byte[] bytes) {
        return StateBytes.read(bytes, in -> {
            QuotaAccount account = new QuotaAccount(QuotaAccountKey.parse(in.readUTF()));
            account.grantBytes = in.readLong();
            account.drawnBytes = in.readLong();
            account.spentBytes = in.readLong();
            account.grantSeq = in.readLong();
            account.raiseSeq = in.readLong();
            account.lastRaiseBytes = in.readLong();
            account.reportEpoch = in.readLong();
            account.reportSeq = in.readLong();
            account.reportMonotonicNanos = in.readLong();
            account.wantBytes = in.readLong();
            account.rateBytesPerSecond = in.readLong();
            account.policyEpochSeen = in.readLong();
            account.reportedAt = StateBytes.readInstant(in);
            account.wantsSince = StateBytes.readInstant(in);
            account.issuedAt = StateBytes.readInstant(in);
            account.recalledAt = StateBytes.readInstant(in);
            account.issuedState = QuotaState.valueOf(in.readUTF());
            int flags = in.readUnsignedByte();
            account.armed = (flags & 1) != 0;
            account.recall = (flags & 2) != 0;
            account.closed = (flags & 4) != 0;
            account.frozen = (flags & 8) != 0;
            account.trickles = (flags & 16) != 0;
            account.ungrantedBytes = in.available() > 0 ? in.readLong() : 0;
            return account;
        });
    }
}
