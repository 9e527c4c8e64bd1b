package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;

/**
 * One connection of a TCP allocation, to a peer or to the client, as raw bytes (RFC 6062 section 3). Reads only while it
 * is told to, so that the sender's window closes while the other side is slow. Confined to the allocation's event loop.
 */
public interface ByteStream {
    /** Whether bytes would leave now instead of waiting in the socket's queue. */
    boolean isWritable();

    /** Sends bytes; takes over the buffer. */
    void send(ByteBuf bytes, Outcome outcome);

    /** Reads from now on, or stops; what was read already may still come. A new connection does not read. */
    void read(boolean wanted);

    /** Ends this direction once everything was sent; the other direction goes on. */
    void finish();

    /** Closes both directions; what was not sent yet is refused. */
    void close();

    /** Resets the connection, so that the other end cannot take what it got for the whole. */
    void abort();

    /** Hears what became of the bytes of one {@link #send}; called once for each. */
    @FunctionalInterface
    interface Outcome {
        /**
         * The socket has taken a part, or all.
         *
         * @param sentBytes what it took
         * @param lostBytes the rest, thrown away
         */
        void settled(int sentBytes, int lostBytes);
    }

    /** Reads a stream. */
    interface Receiver {
        /** The connection stands. */
        void opened(ByteStream stream);

        /** The next bytes; takes over the buffer. */
        void bytes(ByteBuf bytes);

        /** The other end sends no more. */
        void ended();

        /** The socket's queue has drained after it was not writable. */
        void writableAgain();

        /** The connection is gone; said once, also of one that was never opened. */
        void closed();
    }
}
