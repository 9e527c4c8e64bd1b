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
    /** Which opening of a user's account the figures above are of; 0 for a tenant's, which is opened once. */
    private long opening;
    private long earlierBytes;
    private long earlierSpentBytes;

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
    /** Part of U, of this opening, that was drawn beyond grants while control was lost. */
    long ungrantedBytes;
    /** Part of it that its node has surely taken out of the grace of SAFE_RATE. */
    long graceUsedBytes;
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

    /** What the account is charged with, its earlier openings included. */
    public long chargeBytes() {
        return earlierBytes + Math.max(grantBytes, drawnBytes);
    }

    /** Opening that the allowance and the use are of. */
    public long opening() {
        return opening;
    }

    /** What earlier openings are charged with. */
    public long earlierBytes() {
        return earlierBytes;
    }

    /** What earlier openings forwarded. */
    public long earlierSpentBytes() {
        return earlierSpentBytes;
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

    /**
     * Begins anew for a process that had closed and forgotten the account. What it cost so far stays charged. If the ledger
     * does not know of the close, that is all that was granted.
     */
    void open(long newOpening) {
        earlierBytes = chargeBytes();
        earlierSpentBytes += spentBytes;
        opening = newOpening;
        grantBytes = 0;
        drawnBytes = 0;
        spentBytes = 0;
        ungrantedBytes = 0;
        graceUsedBytes = 0;
        wantBytes = 0;
        raiseSeq = 0;
        lastRaiseBytes = 0;
        closed = false;
        frozen = false;
        trickles = false;
    }

    /** Knows again, after a rebuild, what earlier openings cost. */
    void restore(long ofOpening, long earlier, long earlierSpent, PeriodTotals totals) {
        opening = ofOpening;
        earlierBytes = earlier;
        earlierSpentBytes = earlierSpent;
        totals.add(earlier, earlierSpent, earlier);
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
        moveGrantTo(Math.max(grantBytes, drawnBytes) + bytes, totals);
        lastRaiseBytes = bytes;
    }

    /**
     * Takes what a report says was drawn beyond grants; never less than before.
     *
     * @param ofGrace whether all that came since the report before this one was out of the grace of SAFE_RATE
     */
    void goOn(long ungranted, boolean ofGrace) {
        long more = Math.max(0, ungranted - ungrantedBytes);
        ungrantedBytes += more;
        graceUsedBytes += ofGrace ? more : 0;
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
            out.writeLong(opening);
            out.writeLong(earlierBytes);
            out.writeLong(earlierSpentBytes);
            out.writeLong(graceUsedBytes);
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
            if (in.available() > 0) {
                account.opening = in.readLong();
                account.earlierBytes = in.readLong();
                account.earlierSpentBytes = in.readLong();
            }
            account.graceUsedBytes = in.available() > 0 ? in.readLong() : 0;
            return account;
        });
    }
}
