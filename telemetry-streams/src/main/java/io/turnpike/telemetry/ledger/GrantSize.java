package io.turnpike.telemetry.ledger;

/**
 * How much one grant adds. Far from the limit a node holds minutes of credit; near it grants shrink geometrically, so
 * that what one node holds is never much of what the others want (QUOTA.md rules 15 and 16).
 */
final class GrantSize {
    private GrantSize() {}

    /**
     * @param freeBytes volume that no account is charged with; nothing is granted if it is not positive
     * @param rateBytesPerSecond what the node spends
     * @param liveNodes nodes that share the volume; touches efficiency only, never safety
     * @param ownBytes what the process has drawn so far: slow start, since a process that crashes strands its grant
     * @return 0 to {@code freeBytes}
     */
    static long of(long freeBytes, long rateBytesPerSecond, int liveNodes, long ownBytes) {
        if (freeBytes <= 0) {
            return 0;
        }
        long rate = Math.min(Math.max(rateBytesPerSecond, 0), Long.MAX_VALUE / QuotaRules.HORIZON.toSeconds());
        long ample = Math.max(rate * QuotaRules.HORIZON.toSeconds(), QuotaRules.ORDINARY_BYTES);
        long share = freeBytes / (4L * Math.max(liveNodes, 1));
        long size = Math.max(QuotaRules.FLOOR_BYTES, Math.min(ample, share));
        long slowStart = Math.max(QuotaRules.FLOOR_BYTES, ownBytes);
        return Math.min(freeBytes, Math.min(size, slowStart));
    }
}
