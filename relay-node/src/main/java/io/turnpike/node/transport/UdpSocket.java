package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Endpoint;
import java.net.InetSocketAddress;

/**
 * A UDP socket as code on one event loop has it: the seam below which the engines differ. What is sent in one turn of the
 * loop leaves together at its end. Confined to that loop.
 */
interface UdpSocket {
    /** The loop whose code may use it. */
    RelayLoop loop();

    /** Where it is bound, with the port that was chosen if 0 was asked for. */
    InetSocketAddress localAddress();

    /** Whether it may be given more: its queue holds less than its bound. */
    boolean isWritable();

    /**
     * Sends one datagram of relayed data, put together from its parts.
     *
     * @param head what comes first, copied before this returns; may be empty
     * @param payload holds what comes next; the caller's, so what is kept of it beyond the call is retained or copied
     * @param index of the payload's first byte
     * @param bytes of the payload, 0 or more
     * @param padding zero bytes after it, 0 to 3
     * @param to where it goes
     * @param clientWireBytes for {@code delivery}: what the data measures on the client's leg
     * @param payloadBytes for {@code delivery}: application data in it
     * @param delivery hears what became of it, once
     * @param failure the reason if the operating system refuses it
     */
    void send(ByteBuf head, ByteBuf payload, int index, int bytes, int padding, Endpoint to,
            int clientWireBytes, int payloadBytes, Delivery delivery, DropReason failure);

    /** Sends one datagram whose loss is the receiver's to repair; takes over the buffer. */
    void sendControl(ByteBuf message, Endpoint to);

    /**
     * Sets or clears the DF bit of the datagrams sent from now on (RFC 8656 section 18.9).
     *
     * @return false if it cannot be changed now: what waits was given under the old setting and must leave under it
     */
    boolean dontFragment(boolean wanted);

    /** Hands what was sent to the operating system now. */
    void flush();

    /** The same socket for code on another loop; only where the engine does not share ports. */
    UdpSocket on(RelayLoop other);

    /** Sends what waits, as far as the operating system takes it, and closes; what is refused is told first. */
    void close();

    /** Takes what a socket receives, on the socket's loop. */
    interface Receiver {
        /**
         * Takes one datagram.
         *
         * @param datagram between its indexes; released or used again by the caller after the call
         * @param source the sender; another's after the call
         */
        void datagram(ByteBuf datagram, AddressCursor source);

        /** The socket is writable again after it was not. */
        default void writableAgain() {}
    }

    /**
     * What kind of socket is wanted.
     *
     * @param receiveBytes the kernel's receive buffer; 0 leaves the system's default
     * @param queueBytes most bytes that may wait for the operating system to take them
     * @param sharesPort whether other sockets of this process are bound to the same port
     * @param trafficClass of the IP header
     * @param fragmentable whether the DF bit is clear at first, as RFC 8656 section 11.2 wants of relayed data
     */
    record Options(int receiveBytes, int queueBytes, boolean sharesPort, int trafficClass, boolean fragmentable) {}
}
