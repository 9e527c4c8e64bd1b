package io.turnpike.node.allocation;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Cuts a client's address to its network, because events carry no whole addresses: /24 of IPv4, /48 of IPv6. */
public final class ClientPrefix {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_KEPT_BYTES = 6;

    private ClientPrefix() {}

    /** The network as text, for instance {@code 192.0.2.0/24} or, as RFC 5952 writes it, {@code 2001:db8::/48}. */
    public static String of(InetAddress client) {
        byte[] bytes = client.getAddress();
        if (bytes.length == IPV4_BYTES) {
            return (bytes[0] & 0xFF) + "." + (bytes[1] & 0xFF) + "." + (bytes[2] & 0xFF) + ".0/24";
        }
        Arrays.fill(bytes, IPV6_KEPT_BYTES, bytes.length, (byte) 0);
        try {
            return NetUtil.toAddressString(InetAddress.getByAddress(bytes)) + "/" + IPV6_KEPT_BYTES * Byte.SIZE;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
