package io.turnpike.client;

import io.netty.buffer.ByteBuf;

/** Gets what a peer sent on a {@link DataConnection}. Called on the connection's event loop, where nobody may block. */
public interface StreamListener {

    /**
     * The next bytes of the stream.
     *
     * @param bytes
     *            valid only during the call
     */
    void onBytes(ByteBuf bytes);

    /** The peer sends no more; bytes to the peer may still be sent. */
    default void onEnd() {}
}
