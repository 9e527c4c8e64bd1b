package io.turnpike.node.allocation;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Cuts a client's address to its network, because events carry no whole addresses: /24 of IPv4, /48 of IPv6. */
public final class ClientPrefix {
    private static final int IPV4_BYTES = 4;
    private static final int IPV4_KEPT_BYTES = 3;
    private static final int IPV6_KEPT_BYTES = 6;

    private ClientPrefix() {}

    /** The network as text, for instance {@code 192.0.2.0/24}. */
    public static String of(InetAddress client) {
        byte[] bytes = client.getAddress();
        int kept = bytes.length == IPV4_BYTES ? IPV4_KEPT_BYTES : IPV6_KEPT_BYTES;
        Arrays.fill(bytes, kept, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes).getHostAddress() + "/" + kept * Byte.SIZE;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
