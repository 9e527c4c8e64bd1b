package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * The way back to a client. The relay's logic writes bytes to it and knows nothing of the socket behind. Confined to the
 * event loop of the five-tuple.
 */
public interface ClientLeg {
    /** The client's five-tuple. */
    FiveTuple fiveTuple();

    /** Tenant of a user name that names none, where the listener or the TLS server name chose one. */
    default Optional<String> defaultTenant() {
        return Optional.empty();
    }

    /** Whether the leg is a stream, so that ChannelData is padded to four bytes (RFC 8656 section 12.5). */
    boolean isStream();

    /** The listener's other sockets; empty unless NAT behaviour discovery is served on it (RFC 5780 section 6). */
    default Optional<OtherSockets> otherSockets() {
        return Optional.empty();
    }

    /** Sends a STUN response or another control message; takes over the buffer. Losing it is the client's to repair. */
    void sendControl(ByteBuf message);

    /**
     * Sends relayed data, framed for the client; takes over the buffer.
     *
     * @param message the Data indication or ChannelData
     * @param payloadBytes application data in it
     * @param delivery hears the outcome, with the message's whole size
     */
    void sendData(ByteBuf message, int payloadBytes, Delivery delivery);

    /** Stops reading from a stream until the peer's side has drained; does nothing on datagrams. */
    void pauseReading();

    /** Reads again after {@link #pauseReading()}. */
    void resumeReading();

    /** Hands what was written to the operating system now. */
    void flush();

    /** Closes a stream; does nothing on datagrams. */
    void close();
}
