package io.turnpike.node.transport;

import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Endpoint;
import io.turnpike.stun.TransportAddress;
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

    /** As the other, for datagrams: no object is made where nothing is translated. */
    Endpoint toBound(Endpoint peer) {
        return address.isTranslated() ? TransportAddress.of(toBound(peer.socketAddress())) : peer;
    }

    /** Another relayed client of this node is known by its advertised address. */
    InetSocketAddress toAdvertised(InetSocketAddress source) {
        if (!address.isTranslated() || !source.getAddress().equals(address.bind())) {
            return source;
        }
        InetSocketAddress advertised = new InetSocketAddress(address.advertised(), source.getPort());
        return live.contains(advertised) ? advertised : source;
    }

    /** As the other, for datagrams: points the cursor at the translated address. */
    void toAdvertised(AddressCursor source) {
        if (address.isTranslated()) {
            source.set(toAdvertised(source.socketAddress()));
        }
    }
}
