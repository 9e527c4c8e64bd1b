package io.turnpike.node.transport;

import io.turnpike.node.allocation.ClientPrefix;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the connections that have carried no allocation yet, in total and by the client's network (/24 of IPv4, /48 of
 * IPv6), so that strangers can hold only so much of the node. Thread-safe; asked once for each connection.
 */
final class Newcomers {
    /** Most newcomers of a node. */
    static final int MOST = 16_384;
    /** Most newcomers of one network. */
    static final int MOST_OF_NETWORK = 2_048;

    private final int most;
    private final int mostOfNetwork;
    private final Map<String, Integer> byNetwork = new HashMap<>();
    private int total;

    Newcomers() {
        this(MOST, MOST_OF_NETWORK);
    }

    Newcomers(int most, int mostOfNetwork) {
        this.most = most;
        this.mostOfNetwork = mostOfNetwork;
    }

    /** Counts one more, unless there are too many. */
    synchronized boolean admit(InetAddress client) {
        String network = ClientPrefix.of(client);
        if (total >= most || byNetwork.getOrDefault(network, 0) >= mostOfNetwork) {
            return false;
        }
        byNetwork.merge(network, 1, Integer::sum);
        total++;
        return true;
    }

    /** One that was admitted has an allocation, or is gone. */
    synchronized void leave(InetAddress client) {
        byNetwork.computeIfPresent(ClientPrefix.of(client), (network, count) -> count == 1 ? null : count - 1);
        total--;
    }

    /** Newcomers now. */
    synchronized int size() {
        return total;
    }
}
