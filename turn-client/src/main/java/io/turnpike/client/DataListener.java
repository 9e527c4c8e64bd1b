package io.turnpike.client;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/** Gets what peers sent, from Data indications and ChannelData alike. Called on the client's event loop. */
@FunctionalInterface
public interface DataListener {

    /** Ignores everything. */
    DataListener NONE = (peer, payload) -> {};

    /**
     * One datagram of a peer.
     *
     * @param payload
     *            the application data; valid only during the call
     */
    void onData(InetSocketAddress peer, ByteBuf payload);
}
