package io.turnpike.telemetry.ledger.share;

import io.turnpike.contract.QuotaShareKey;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.telemetry.ledger.StateBytes;

/**
 * What one process has of a tenant's rate and allocations, or of one user's allocations, with what it last said of them.
 * Confined to the ledger's task.
 */
public final class Share {
    private final QuotaShareKey key;
    long seq;
    long bitsPerSecond;
    /** Most that the process may still enforce: its newest share, or one that it has not acknowledged to have left. */
    long heldBitsPerSecond;
    int slots;
    int heldSlots;
    long demandBitsPerSecond;
    int used;
    int wanted;
    /** The process's clock when it made its newest report, and that report's place in its sequence. */
    long reportNanos;
    long reportSeq = -1;
    /** Until the process names this sequence, the ledger may not know of all of its users; 0 if it does. */
    long anewSeq;
    /** Nobody holds a slot that could be given for what was asked last. */
    boolean full;
    /** The ledger's monotonic clock, which no store keeps: a ledger that takes over begins anew. */
    long issuedAtNanos;

    Share(QuotaShareKey key) {
        this.key = key;
    }

    /** Whose it is. */
    public QuotaShareKey key() {
        return key;
    }

    /** Sequence of the newest record. */
    public long seq() {
        return seq;
    }

    /** Rate of the newest record, in bits per second. */
    public long bitsPerSecond() {
        return bitsPerSecond;
    }

    /** Most that the process may still enforce, in bits per second. */
    public long heldBitsPerSecond() {
        return heldBitsPerSecond;
    }

    /** Slots of the newest record. */
    public int slots() {
        return slots;
    }

    /** Most allocations that the process may still have. */
    public int heldSlots() {
        return heldSlots;
    }

    /** Rate at which data wants to pass, in bits per second. */
    public long demandBitsPerSecond() {
        return demandBitsPerSecond;
    }

    /** Live allocations, when the process last said. */
    public int used() {
        return used;
    }

    /** The process has seen the newest record, and can have no more than that. */
    void acknowledged(long enforcedSlots) {
        heldBitsPerSecond = bitsPerSecond;
        heldSlots = (int) Math.max(slots, Math.min(heldSlots, enforcedSlots));
    }

    /**
     * The process has more than this ledger knows to have given. What it says counts against the cap; but it may be as old
     * as the report, and given to others since, so that nothing of it is given again but what they leave.
     */
    void adopt(long sequence, long enforcedBits, int enforcedSlots) {
        seq = Math.max(seq, sequence);
        heldBitsPerSecond = Math.max(heldBitsPerSecond, enforcedBits);
        heldSlots = Math.max(heldSlots, enforcedSlots);
    }

    /** Whether nobody has anything of it or asks for it. */
    boolean isUnused() {
        return slots == 0 && heldSlots == 0 && used == 0 && wanted == 0;
    }

    /** The form in the store. */
    public byte[] toBytes() {
        return StateBytes.write(out -> {
            out.writeUTF(key.text());
            out.writeLong(seq);
            out.writeLong(bitsPerSecond);
            out.writeLong(heldBitsPerSecond);
            out.writeInt(slots);
            out.writeInt(heldSlots);
            out.writeLong(demandBitsPerSecond);
            out.writeInt(used);
            out.writeInt(wanted);
            out.writeLong(reportNanos);
            out.writeLong(reportSeq);
            out.writeLong(anewSeq);
        });
    }

    /** Reads {@link #toBytes}. */
    public static Share fromBytes(byte[] bytes) {
        return StateBytes.read(bytes, in -> {
            Share share = new Share(QuotaShareKey.parse(in.readUTF()));
            share.seq = in.readLong();
            share.bitsPerSecond = in.readLong();
            share.heldBitsPerSecond = in.readLong();
            share.slots = in.readInt();
            share.heldSlots = in.readInt();
            share.demandBitsPerSecond = in.readLong();
            share.used = in.readInt();
            share.wanted = in.readInt();
            share.reportNanos = in.readLong();
            share.reportSeq = in.readLong();
            share.anewSeq = in.readLong();
            return share;
        });
    }

    /** What a record of the share topic says, for a ledger whose store is empty. */
    public static Share of(QuotaShare record) {
        Share share = new Share(QuotaShareKey.of(record));
        share.seq = record.getShareSeq();
        share.bitsPerSecond = record.getRateBitsPerSecond();
        share.heldBitsPerSecond = record.getHeldRateBitsPerSecond();
        share.slots = record.getSlots();
        share.heldSlots = record.getHeldSlots();
        share.reportNanos = record.getAnsweredReportMonotonicNanos();
        share.anewSeq = record.getAnew() ? share.seq : 0;
        return share;
    }

    /** Whether a process may have anything of it. */
    public static boolean isWorthKeeping(QuotaShare record) {
        return !record.getClosed() && (record.getUserId().isEmpty() || record.getHeldSlots() > 0);
    }
}
