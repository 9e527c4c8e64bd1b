package io.turnpike.node.allocation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The relayed transport addresses of live allocations on this node, as clients see them. Two relayed clients meet on
 * them, so the peer policy lets them pass even where their range is denied. Thread-safe: event loops write, all read.
 */
public final class RelayedAddresses {
    private final Map<InetSocketAddress, Boolean> live = new ConcurrentHashMap<>();
    private final Map<InetAddress, Integer> hosts = new ConcurrentHashMap<>();

    /** Adds the address of a new allocation. */
    public void add(InetSocketAddress relayed) {
        if (live.put(relayed, Boolean.TRUE) == null) {
            hosts.merge(relayed.getAddress(), 1, Integer::sum);
        }
    }

    /** Removes the address of an ended allocation. */
    public void remove(InetSocketAddress relayed) {
        if (live.remove(relayed) != null) {
            hosts.computeIfPresent(relayed.getAddress(), (host, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Whether a live allocation has exactly this address. */
    public boolean contains(InetSocketAddress address) {
        return live.containsKey(address);
    }

    /** Whether any live allocation has this host: a permission names no port (RFC 8656 section 9). */
    public boolean containsHost(InetAddress host) {
        return hosts.containsKey(host);
    }

    /** Live relayed transport addresses. */
    public int size() {
        return live.size();
    }
}
