package io.turnpike.client;

/**
 * What went one way.
 *
 * @param wireBytes
 *            bytes with the TURN framing and padding, without IP, UDP, TCP and TLS
 * @param payloadBytes
 *            application data alone
 * @param packets
 *            messages
 */
public record Traffic(long wireBytes, long payloadBytes, long packets) {

    static final Traffic NONE = new Traffic(0, 0, 0);

    Traffic plus(int moreWireBytes, int morePayloadBytes) {
        return new Traffic(wireBytes + moreWireBytes, payloadBytes + morePayloadBytes, packets + 1);
    }
}
