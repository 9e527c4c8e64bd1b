package io.turnpike.stun;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/** The address family byte of every address attribute (RFC 8489 section 14.1). */
public enum AddressFamily {
    IPV4(0x01, 4), IPV6(0x02, 16);

    private final int code;
    private final int addressBytes;

    AddressFamily(int code, int addressBytes) {
        this.code = code;
        this.addressBytes = addressBytes;
    }

    /** The byte on the wire. */
    public int code() {
        return code;
    }

    /** The length of an address, 4 or 16 bytes. */
    public int addressBytes() {
        return addressBytes;
    }

    /** The family of a wire byte, empty if it is neither. */
    public static Optional<AddressFamily> ofCode(int code) {
        return code == IPV4.code ? Optional.of(IPV4) : code == IPV6.code ? Optional.of(IPV6) : Optional.empty();
    }

    /** The family of an address; an IPv4-mapped IPv6 address is IPv6, as it is written. */
    public static AddressFamily of(InetAddress address) {
        return address instanceof Inet6Address ? IPV6 : IPV4;
    }
}
