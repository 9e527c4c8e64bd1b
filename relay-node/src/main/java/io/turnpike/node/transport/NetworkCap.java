package io.turnpike.node.transport;

import io.turnpike.node.allocation.ClientPrefix;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds how many of something strangers hold at once, in total and for each client network (/24 of IPv4, /48 of IPv6):
 * connections without an allocation, TLS handshakes. What it keeps is one number for each network that holds something
 * now. Thread-safe; asked once for each connection or handshake.
 */
public final class NetworkCap {
    private final int most;
    private final int mostOfNetwork;
    private final Map<String, Integer> byNetwork = new HashMap<>();
    private int total;

    /**
     * Bounds something.
     *
     * @param most in total
     * @param mostOfNetwork of one client network
     */
    public NetworkCap(int most, int mostOfNetwork) {
        this.most = most;
        this.mostOfNetwork = mostOfNetwork;
    }

    /** Counts one more, unless there are too many. */
    public synchronized boolean admit(InetAddress client) {
        String network = ClientPrefix.of(client);
        if (total >= most || byNetwork.getOrDefault(network, 0) >= mostOfNetwork) {
            return false;
        }
        byNetwork.merge(network, 1, Integer::sum);
        total++;
        return true;
    }

    /** One that was admitted counts no longer. */
    public synchronized void leave(InetAddress client) {
        byNetwork.computeIfPresent(ClientPrefix.of(client), (network, count) -> count == 1 ? null : count - 1);
        total--;
    }

    /** How many there are now. */
    public synchronized int size() {
        return total;
    }
}
