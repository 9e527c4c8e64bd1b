package io.turnpike.client;

import java.net.InetSocketAddress;

/** Hears of peers that connect to a relayed TCP address (RFC 6062 section 4.4). Called on the client's event loop. */
@FunctionalInterface
public interface ConnectionAttemptListener {

    /** Ignores them all: the server closes their connections after 30 s. */
    ConnectionAttemptListener NONE = (peer, connectionId) -> {};

    /**
     * A peer with a permission has connected.
     *
     * @param peer
     *            its transport address
     * @param connectionId
     *            what {@link TurnClient#accept} takes the connection with, within 30 s
     */
    void onAttempt(InetSocketAddress peer, int connectionId);
}
