package io.turnpike.node.event;

/**
 * Cumulative counters of one leg and direction since the allocation was created.
 *
 * @param wireBytes bytes with TURN framing, without IP, UDP, TCP or TLS headers
 * @param payloadBytes application bytes, framing removed
 * @param packets datagrams, or framed messages on streams
 */
public record DirectionCount(long wireBytes, long payloadBytes, long packets) {
    /** Nothing yet. */
    public static final DirectionCount ZERO = new DirectionCount(0, 0, 0);

    /** Refuses counters that ran backwards. */
    public DirectionCount {
        if (wireBytes < 0 || payloadBytes < 0 || packets < 0) {
            throw new IllegalArgumentException(
                    "counters are not negative: " + wireBytes + ", " + payloadBytes + ", " + packets);
        }
    }
}
