package io.turnpike.stun;

import java.net.InetSocketAddress;

/** A transport address in numbers, whether it lasts ({@link TransportAddress}) or is a packet's ({@link AddressCursor}). */
public sealed interface Endpoint permits TransportAddress, AddressCursor {
    /** Bytes 0 to 7 of the address; 0 for IPv4. */
    long high();

    /** Bytes 8 to 15 of the address; for IPv4 {@code 0x0000FFFF} and the four bytes. */
    long low();

    /** The port, 0 to 65,535. */
    int port();

    /** The family. */
    default AddressFamily family() {
        return TransportAddress.isIpv4(high(), low()) ? AddressFamily.IPV4 : AddressFamily.IPV6;
    }

    /** Whether both are the same address. */
    default boolean is(Endpoint other) {
        return low() == other.low() && high() == other.high() && port() == other.port();
    }

    /** The same for Java's own calls; a cursor makes a new object each time. */
    InetSocketAddress socketAddress();
}
