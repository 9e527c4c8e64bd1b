package io.turnpike.node.allocation;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A five-tuple whose packets arrive on this event loop while its allocation, which moved to it, lives on another (RFC 8016
 * section 3.2). Confined to the loop that the packets arrive on, but for the number of octets on their way.
 */
public final class Guest {
    private static final int MOST_BYTES_WAITING = 1024 * 1024;
    private static final int PAUSE_ABOVE_BYTES = 256 * 1024;
    private static final int RESUME_BELOW_BYTES = 64 * 1024;
    /** What a message on its way costs beside its octets: without it, empty datagrams would cost nothing. */
    static final int MESSAGE_BYTES = 256;

    private final ClientLeg leg;
    private final int host;
    private final AtomicInteger bytesWaiting = new AtomicInteger();
    private boolean peerFull;
    private boolean hostBusy;

    Guest(ClientLeg leg, int host) {
        this.leg = leg;
        this.host = host;
    }

    /** The leg, for code on the loop that it arrives on. */
    public ClientLeg leg() {
        return leg;
    }

    /** Number of the loop that owns the allocation. */
    public int host() {
        return host;
    }

    /**
     * Asks to hand a message over. A datagram is refused when too much waits already; a stream stops reading instead.
     *
     * @return whether it may go; then {@link #taken} must follow
     */
    public boolean mayHandOver(int bytes) {
        int cost = bytes + MESSAGE_BYTES;
        int waiting = bytesWaiting.addAndGet(cost);
        if (leg.isStream()) {
            if (waiting > PAUSE_ABOVE_BYTES && !hostBusy) {
                hostBusy = true;
                updateReading();
            }
            return true;
        }
        if (waiting > MOST_BYTES_WAITING) {
            bytesWaiting.addAndGet(-cost);
            return false;
        }
        return true;
    }

    /**
     * A message was taken; on the owner's loop.
     *
     * @return whether {@link #caughtUp} must now be called on the other loop
     */
    public boolean taken(int bytes) {
        int cost = bytes + MESSAGE_BYTES;
        int waiting = bytesWaiting.addAndGet(-cost);
        return leg.isStream() && waiting < RESUME_BELOW_BYTES && waiting + cost >= RESUME_BELOW_BYTES;
    }

    /** What waited was taken. */
    public void caughtUp() {
        if (hostBusy) {
            hostBusy = false;
            updateReading();
        }
    }

    void peerFull(boolean full) {
        peerFull = full;
        updateReading();
    }

    private void updateReading() {
        if (peerFull || hostBusy) {
            leg.pauseReading();
        } else {
            leg.resumeReading();
        }
    }
}
