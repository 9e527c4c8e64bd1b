package io.turnpike.telemetry.cluster;

/** Thrown when a partition cannot be read on an instance now; another one may have it, or this one soon. */
final class PartitionAway extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message why, for people */
    PartitionAway(String message) {
        super(message, null, false, false);
    }
}
