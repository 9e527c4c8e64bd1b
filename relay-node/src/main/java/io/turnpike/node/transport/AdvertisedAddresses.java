package io.turnpike.node.transport;

import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Endpoint;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Translates between the names of relayed transport addresses inside and outside a one-to-one NAT, for two relayed
 * clients of this node that meet without leaving it.
 */
final class AdvertisedAddresses {
    private final List<RelayAddress> translated;
    private final RelayedAddresses live;

    /**
     * The names of one family.
     *
     * @param addresses where relay sockets are bound, and what is told to clients
     * @param live relayed transport addresses of this node
     */
    AdvertisedAddresses(List<RelayAddress> addresses, RelayedAddresses live) {
        translated = addresses.stream().filter(RelayAddress::isTranslated).toList();
        this.live = live;
    }

    /** Another relayed client of this node is reached under its bound address. */
    InetSocketAddress toBound(InetSocketAddress peer) {
        for (RelayAddress address : translated) {
            if (peer.getAddress().equals(address.advertised()) && live.contains(peer)) {
                return new InetSocketAddress(address.bind(), peer.getPort());
            }
        }
        return peer;
    }

    /** As the other, for datagrams: no object is made where nothing is translated. */
    Endpoint toBound(Endpoint peer) {
        return translated.isEmpty() ? peer : TransportAddress.of(toBound(peer.socketAddress()));
    }

    /** Another relayed client of this node is known by its advertised address. */
    InetSocketAddress toAdvertised(InetSocketAddress source) {
        for (RelayAddress address : translated) {
            if (source.getAddress().equals(address.bind())) {
                InetSocketAddress advertised = new InetSocketAddress(address.advertised(), source.getPort());
                return live.contains(advertised) ? advertised : source;
            }
        }
        return source;
    }

    /** As the other, for datagrams: points the cursor at the translated address. */
    void toAdvertised(AddressCursor source) {
        if (!translated.isEmpty()) {
            source.set(toAdvertised(source.socketAddress()));
        }
    }
}
