package io.turnpike.telemetry.query;

/**
 * What moved on one leg in one direction (DESIGN section 5).
 *
 * @param wireBytes bytes with TURN framing, without IP, UDP, TCP or TLS headers
 * @param payloadBytes application bytes
 * @param packets datagrams, or framed messages on streams
 */
public record DirectionUsage(long wireBytes, long payloadBytes, long packets) {
    /** Nothing. */
    public static final DirectionUsage ZERO = new DirectionUsage(0, 0, 0);

    /** The sum; throws on overflow rather than showing a wrong figure. */
    public DirectionUsage plus(DirectionUsage other) {
        return new DirectionUsage(Math.addExact(wireBytes, other.wireBytes),
                Math.addExact(payloadBytes, other.payloadBytes), Math.addExact(packets, other.packets));
    }
}
