package io.turnpike.node.transport;

import io.netty.channel.Channel;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where exceptions of sockets and of the code behind them end up. */
final class SocketErrors {
    private static final Logger LOG = LoggerFactory.getLogger(SocketErrors.class);

    private SocketErrors() {}

    /** What a network does is traced; anything else is a bug and is logged with its stack. */
    static void unexpected(String what, Channel channel, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.trace("{} error channel={}", what, channel.id(), cause);
        } else {
            LOG.error("{} failed channel={}", what, channel.id(), cause);
        }
    }
}
