package io.turnpike.node.allocation;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** The cluster's own listeners and services by address and port, which no client may reach. Immutable. */
final class OwnServices {
    static final OwnServices NONE = new OwnServices(new long[0], new Ipv6[0]);

    private static final int PORT_BITS = 16;

    private final long[] ipv4;
    private final Ipv6[] ipv6;

    private OwnServices(long[] ipv4, Ipv6[] ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    private record Ipv6(long high, long low, int port) {}

    OwnServices with(InetAddress address, int port) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        if (bytes.remaining() == Integer.BYTES) {
            Set<Long> added = new TreeSet<>();
            Arrays.stream(ipv4).forEach(added::add);
            added.add(key(bytes.getInt(), port));
            return new OwnServices(added.stream().mapToLong(Long::longValue).toArray(), ipv6);
        }
        Ipv6[] added = Arrays.copyOf(ipv6, ipv6.length + 1);
        added[ipv6.length] = new Ipv6(bytes.getLong(), bytes.getLong(), port);
        return new OwnServices(ipv4, added);
    }

    boolean containsIpv4(int address, int port) {
        return port >= 0 && Arrays.binarySearch(ipv4, key(address, port)) >= 0;
    }

    boolean containsIpv6(long high, long low, int port) {
        for (Ipv6 service : ipv6) {
            if (service.port == port && service.low == low && service.high == high) {
                return true;
            }
        }
        return false;
    }

    private static long key(int address, int port) {
        return Integer.toUnsignedLong(address) << PORT_BITS | port;
    }
}
