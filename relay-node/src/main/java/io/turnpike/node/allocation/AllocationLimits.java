package io.turnpike.node.allocation;

/**
 * What one allocation may hold, because each peer costs memory and a client could otherwise scan a network through the
 * relay (RFC 8656 section 21). A request beyond a limit is answered 508.
 *
 * @param permissions most permissions
 * @param channels most channels
 * @param newPeersPerSecond peers that it may add each second in the long run
 */
public record AllocationLimits(int permissions, int channels, int newPeersPerSecond) {
    private static final int BURST_SECONDS = 10;

    /** Peers that may be added at once: a client permits every candidate of its peers when a call begins. */
    int newPeersAtOnce() {
        return BURST_SECONDS * newPeersPerSecond;
    }
}
