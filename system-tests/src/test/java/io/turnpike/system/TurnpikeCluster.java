package io.turnpike.system;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * A running cluster, whatever it runs on. Guarantees are written against this, and hold for each implementation. The
 * tenant {@code demo} exists on every one, with the static user {@code demo} and password {@code demo}; the operator's
 * token is {@code demo-admin}.
 */
public interface TurnpikeCluster extends AutoCloseable {
    /** How many relays there are. */
    int relays();

    /** Where a relay, from 1, listens for STUN and TURN over UDP and TCP. */
    InetSocketAddress relay(int index);

    /** Where a relay, from 1, answers {@code /metrics} and {@code /health}. */
    URI relayAdmin(int index);

    /** The telemetry API, with a slash at the end. */
    URI api();

    /** An address of the test's machine that relays reach and may send to. */
    InetAddress peerAddress();

    /** Ends everything. */
    @Override
    void close();
}
