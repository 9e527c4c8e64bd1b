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

    /**
     * Holds back what follows the present message on a stream: it is a peer's if the ConnectionBind that was just read
     * succeeds (RFC 6062 section 4.3). Only for streams.
     */
    default void holdBack() {
        throw new IllegalStateException("datagrams are not held back");
    }

    /** What was held back are messages after all. */
    default void readOn() {
        throw new IllegalStateException("datagrams are not held back");
    }

    /**
     * Turns the whole connection into raw bytes and moves it, once its answers have left, to the event loop of its
     * allocation. Only for streams that hold back; nothing else may be done with this leg afterwards.
     *
     * @param loop number of the loop where the receiver lives
     * @param receiver hears there that the stream stands, then what was held back; or that it is gone
     */
    default void becomeStream(int loop, ByteStream.Receiver receiver) {
        throw new IllegalStateException("datagrams are no stream");
    }

    /** Hands what was written to the operating system now. */
    void flush();

    /** Closes a stream; does nothing on datagrams. */
    void close();
}
