package io.turnpike.node.transport;

import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where exceptions of sockets and of the code behind them end up. Whoever can cause one can cause it with
 * every packet, so at most one line a second is logged. Confined to its event loop.
 */
final class SocketErrors {
    private static final Logger LOG = LoggerFactory.getLogger(SocketErrors.class);
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final LongSupplier nanoClock;
    private boolean hasLogged;
    private long loggedAtNanos;
    private long leftOut;

    SocketErrors(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** What a network does is traced, as is a record that TLS refuses; anything else is a bug and is logged with its stack. */
    void unexpected(String what, Channel channel, Throwable cause) {
        if (cause instanceof IOException
                || cause instanceof DecoderException && cause.getCause() instanceof IOException) {
            LOG.trace("{} error channel={}", what, channel.id(), cause);
        } else if (mayLog()) {
            LOG.error("{} failed channel={} leftOut={}", what, channel.id(), takeLeftOut(), cause);
        }
    }

    /** As the other, for a socket that is no channel. */
    void unexpected(String what, InetSocketAddress where, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.trace("{} error address={}", what, where, cause);
        } else if (mayLog()) {
            LOG.error("{} failed address={} leftOut={}", what, where, takeLeftOut(), cause);
        }
    }

    /** A socket could not be read: the network's doing, by its error number. */
    void unreadable(InetSocketAddress where, int errno) {
        LOG.trace("UDP socket error address={} errno={}", where, errno);
    }

    /** The operating system gives no socket: no bug, but somebody must hear of it. */
    void noSocket(String address, Throwable cause) {
        if (mayLog()) {
            LOG.warn("cannot open a relay socket address={} leftOut={} reason=\"{}\"", address, takeLeftOut(),
                    cause.getMessage());
        }
    }

    /** Whether a line may be logged now; those that may not are counted for the next one. */
    boolean mayLog() {
        long now = nanoClock.getAsLong();
        if (hasLogged && now - loggedAtNanos < SECOND_NANOS) {
            leftOut++;
            return false;
        }
        hasLogged = true;
        loggedAtNanos = now;
        return true;
    }

    /** Lines left out since the last one. */
    long takeLeftOut() {
        long count = leftOut;
        leftOut = 0;
        return count;
    }
}
