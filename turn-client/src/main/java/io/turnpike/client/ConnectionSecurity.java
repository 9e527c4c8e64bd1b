package io.turnpike.client;

import io.netty.channel.Channel;

/** Puts encryption under the protocol, such as Netty's SslHandler at the head of the pipeline. */
@FunctionalInterface
public interface ConnectionSecurity {

    /** Nothing: plain UDP or TCP. */
    ConnectionSecurity NONE = channel -> {};

    /** Called once on the new channel, before the protocol's handlers are added. */
    void install(Channel channel);
}
