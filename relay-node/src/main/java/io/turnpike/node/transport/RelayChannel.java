package io.turnpike.node.transport;

import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * The channel of a relay socket, with a way to send what Netty will not.
 *
 * @param channel sends and receives datagrams
 * @param empty sends datagrams without payload
 * @param fragments sets the DF bit of what is sent
 */
record RelayChannel(Channel channel, EmptyDatagrams empty, Fragments fragments) {
    /** Forbids routers and the sender itself to fragment datagrams, or lets them (RFC 8656 section 18.9). */
    @FunctionalInterface
    interface Fragments {
        /** Sets the DF bit of what is sent from now on; called on the channel's event loop, with nothing waiting. */
        void forbid(boolean forbidden) throws IOException;
    }

    /**
     * Sends datagrams without payload past Netty's queue: Netty takes an empty one for nothing to do, but an empty
     * ChannelData message must reach the peer as an empty datagram (RFC 8656 section 12.6).
     */
    @FunctionalInterface
    interface EmptyDatagrams {
        /** Sends one; called on the channel's event loop. */
        void send(InetSocketAddress peer) throws IOException;
    }
}
