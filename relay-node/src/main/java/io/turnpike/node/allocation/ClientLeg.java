package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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
     * Sends relayed data in its framing: a ChannelData message, or a Data indication whose last attribute is DATA.
     *
     * @param head framing before the data; copied before this returns
     * @param payload application data between the indexes; the caller's, so what is kept of it beyond the call is
     *            retained or copied
     * @param padding zero bytes after the data, 0 to 3
     * @param delivery hears the outcome, with the message's whole size
     */
    void sendData(ByteBuf head, ByteBuf payload, int padding, Delivery delivery);

    /** One buffer of its own for a message of three parts. */
    static ByteBuf joined(ByteBuf head, ByteBuf payload, int padding) {
        int headBytes = head.readableBytes();
        int payloadBytes = payload.readableBytes();
        return ByteBufAllocator.DEFAULT.buffer(headBytes + payloadBytes + padding)
                .writeBytes(head, head.readerIndex(), headBytes)
                .writeBytes(payload, payload.readerIndex(), payloadBytes).writeZero(padding);
    }

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
