package io.turnpike.node.transport;

import io.turnpike.node.allocation.RelayedAddresses;
import java.net.InetSocketAddress;

/**
 * Translates between the names of relayed transport addresses inside and outside a one-to-one NAT, for two relayed
 * clients of this node that meet without leaving it.
 *
 * @param address where relay sockets are bound, and what is told to clients
 * @param live relayed transport addresses of this node
 */
record AdvertisedAddresses(RelayAddress address, RelayedAddresses live) {
    /** Another relayed client of this node is reached under its bound address. */
    InetSocketAddress toBound(InetSocketAddress peer) {
        return address.isTranslated() && live.contains(peer)
                ? new InetSocketAddress(address.bind(), peer.getPort())
                : peer;
    }

    /** Another relayed client of this node is known by its advertised address. */
    InetSocketAddress toAdvertised(InetSocketAddress source) {
        if (!address.isTranslated() || !source.getAddress().equals(address.bind())) {
            return source;
        }
        InetSocketAddress advertised = new InetSocketAddress(address.advertised(), source.getPort());
        return live.contains(advertised) ? advertised : source;
    }
}
