package io.turnpike.node.allocation;

import java.net.InetSocketAddress;

/**
 * The sockets beside the one that a datagram came to, on a listener with two addresses and two ports, so that a client
 * can learn how its NAT behaves (RFC 5780 section 6). Confined to the event loop of the five-tuple.
 */
public interface OtherSockets {
    /** The listening address that differs in address and port. */
    InetSocketAddress otherAddress();

    /**
     * A way to the client whose messages leave from another of the four sockets.
     *
     * @param otherHost from the other address
     * @param otherPort from the other port
     * @param client where to; the request's source, perhaps with another port
     * @return a leg whose five-tuple names the socket that it leaves from
     */
    ClientLeg answering(boolean otherHost, boolean otherPort, InetSocketAddress client);
}
