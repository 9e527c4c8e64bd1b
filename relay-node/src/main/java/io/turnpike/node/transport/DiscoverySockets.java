package io.turnpike.node.transport;

import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.OtherSockets;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.usage.DropCounts;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The four sockets of a UDP listener that serves NAT behaviour discovery: two addresses by two ports (RFC 5780 section
 * 6). Each event loop has its own way out through each of them, whichever loop the socket itself lives on, so an answer
 * never changes its thread. Thread-safe: sockets join while others already receive.
 */
public final class DiscoverySockets {
    /** Set in a place whose port is the alternate one. */
    private static final int OTHER_PORT = 1;
    /** Set in a place whose address is the alternate one. */
    private static final int OTHER_HOST = 2;
    private static final int PLACES = 4;

    private final AtomicReferenceArray<Way> ways;

    private record Way(UdpSocket socket, InetSocketAddress server) {}

    /** @param loops number of event loops */
    public DiscoverySockets(int loops) {
        ways = new AtomicReferenceArray<>(loops * PLACES);
    }

    /** The place of the socket with the listener's or the alternate address, and with its or the alternate port. */
    public Place place(boolean otherHost, boolean otherPort) {
        return new Place(index(otherHost, otherPort));
    }

    private static int index(boolean otherHost, boolean otherPort) {
        return (otherHost ? OTHER_HOST : 0) | (otherPort ? OTHER_PORT : 0);
    }

    /** One of the four sockets. */
    public final class Place {
        private final int index;

        private Place(int index) {
            this.index = index;
        }

        /** The socket is open, and this is it for the loop that it says. */
        void join(UdpSocket socket, InetSocketAddress server) {
            ways.set(socket.loop().index() * PLACES + index, new Way(socket, server));
        }

        /** The other three for code on a loop; empty until all four are open. */
        Optional<OtherSockets> others(RelayLoop loop, DropCounts drops) {
            for (int each = 0; each < PLACES; each++) {
                if (way(loop, each) == null) {
                    return Optional.empty();
                }
            }
            return Optional.of(new Others(loop, index, drops));
        }
    }

    private Way way(RelayLoop loop, int index) {
        return ways.get(loop.index() * PLACES + index);
    }

    private final class Others implements OtherSockets {
        private final RelayLoop loop;
        private final int here;
        private final DropCounts drops;

        Others(RelayLoop loop, int here, DropCounts drops) {
            this.loop = loop;
            this.here = here;
            this.drops = drops;
        }

        @Override
        public InetSocketAddress otherAddress() {
            return way(loop, here ^ (OTHER_HOST | OTHER_PORT)).server;
        }

        @Override
        public ClientLeg answering(boolean otherHost, boolean otherPort, InetSocketAddress client) {
            Way way = way(loop, here ^ index(otherHost, otherPort));
            return new UdpClientLeg(new FiveTuple(ClientTransport.UDP, client, way.server), way.socket,
                    Optional.empty(), drops, Optional.empty());
        }
    }
}
