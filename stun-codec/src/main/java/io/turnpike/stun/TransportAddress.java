package io.turnpike.stun;

import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * A transport address, IP address and port, as numbers, so that the path of a packet compares words and not objects. An
 * IPv4 address is held in its IPv4-mapped form (RFC 4291 section 2.5.5.2), as Java itself takes the two for one.
 * Thread-safe: what others see of it never changes.
 */
public final class TransportAddress implements Endpoint {
    /** Bits 32 to 63 of the low word of every IPv4 address. */
    static final long IPV4_PREFIX = 0xFFFFL << Integer.SIZE;

    private final long high;
    private final long low;
    private final int port;
    /** Null until it is asked for: what only relays packets never asks. */
    private InetSocketAddress socketAddress;

    TransportAddress(long high, long low, int port, InetSocketAddress socketAddress) {
        this.high = high;
        this.low = low;
        this.port = port;
        this.socketAddress = socketAddress;
    }

    /**
     * The numbers of a socket address.
     *
     * @throws NullPointerException if its host name was not resolved
     */
    public static TransportAddress of(InetSocketAddress address) {
        AddressCursor cursor = new AddressCursor();
        cursor.set(address);
        // The numbers say everything but the interface of a link-local address.
        boolean linkLocal = address.getAddress() instanceof Inet6Address host && host.getScopeId() != 0;
        return new TransportAddress(cursor.high(), cursor.low(), cursor.port(), linkLocal ? address : null);
    }

    @Override
    public long high() {
        return high;
    }

    @Override
    public long low() {
        return low;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public InetSocketAddress socketAddress() {
        // Read once: another thread may be making the same one.
        InetSocketAddress known = socketAddress;
        if (known == null) {
            AddressCursor cursor = new AddressCursor();
            cursor.set(this);
            known = cursor.socketAddress();
            socketAddress = known;
        }
        return known;
    }

    static boolean isIpv4(long high, long low) {
        return high == 0 && low >>> Integer.SIZE == IPV4_PREFIX >>> Integer.SIZE;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TransportAddress that && high == that.high && low == that.low && port == that.port;
    }

    @Override
    public int hashCode() {
        return AddressMap.hash(high, low, port);
    }

    @Override
    public String toString() {
        return socketAddress().toString();
    }
}
