package io.turnpike.node.allocation;

import java.net.ProtocolFamily;
import java.util.Optional;

/** Opens relay sockets on one event loop: the door from allocations to the operating system. */
public interface RelaySockets {
    /** Whether this node relays on addresses of the family ({@link java.net.StandardProtocolFamily}). */
    boolean supports(ProtocolFamily family);

    /** Whether the DF bit can be set on what its sockets send; DONT-FRAGMENT is unknown otherwise (RFC 8656 section 7.2). */
    boolean canSetDontFragment();

    /**
     * Opens a socket on a port.
     *
     * @param family a supported family
     * @param host which of the family's relay addresses, from 0
     * @param port port taken from the port table
     * @param receiver gets what peers send; on the event loop of the caller
     * @return empty if the operating system refuses, for instance because another program has the port
     */
    Optional<RelaySocket> open(ProtocolFamily family, int host, int port, RelaySocket.Receiver receiver);

    /**
     * Listens for peers' connections on a port (RFC 6062 section 5.1).
     *
     * @param family a supported family
     * @param host which of the family's relay addresses, from 0
     * @param port port taken from the port table
     * @param receiver hears of peers; on the event loop of the caller
     * @return empty if the operating system refuses
     */
    Optional<RelayListener> listen(ProtocolFamily family, int host, int port, RelayListener.Receiver receiver);

    /**
     * Binds a port without using it, so that no other program gets it while a token for it is out (RFC 8656 section 7.2).
     *
     * @param family a supported family
     * @param host which of the family's relay addresses, from 0
     * @param port port taken from the port table
     * @return empty if another program has the port
     */
    Optional<HeldPort> hold(ProtocolFamily family, int host, int port);
}
