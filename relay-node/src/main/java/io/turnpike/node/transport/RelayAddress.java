package io.turnpike.node.transport;

import java.net.InetAddress;
import java.util.Objects;

/**
 * Where relay sockets of one family are bound, and what is told to clients.
 *
 * @param bind local address
 * @param advertised address in XOR-RELAYED-ADDRESS; differs from {@code bind} behind a one-to-one NAT
 */
public record RelayAddress(InetAddress bind, InetAddress advertised) {
    /** Refuses two families and wildcard addresses, which no peer can answer. */
    public RelayAddress {
        Objects.requireNonNull(bind, "bind");
        if (bind.getClass() != advertised.getClass()) {
            throw new IllegalArgumentException("relay address and advertised address are of different families");
        }
        if (advertised.isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    "a wildcard address cannot be advertised: " + advertised.getHostAddress());
        }
    }

    /** Whether clients know the address under another name than the operating system does. */
    public boolean isTranslated() {
        return !bind.equals(advertised);
    }
}
