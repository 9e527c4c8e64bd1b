package io.turnpike.client;

import java.net.InetSocketAddress;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;

/** Puts encryption under the protocol, such as Netty's SslHandler at the head of the pipeline. */
@FunctionalInterface
public interface ConnectionSecurity {

    /** Nothing: plain UDP or TCP. */
    ConnectionSecurity NONE = (channel, server) -> {};

    /** Called once on the new channel to the server, before the protocol's handlers are added. */
    void install(Channel channel, InetSocketAddress server);

    /** Completes when the connected channel may be used: after the handshake, if there is one. */
    default Future<Channel> established(Channel channel) {
        return channel.eventLoop().newSucceededFuture(channel);
    }
}
