package io.turnpike.node.allocation;

import io.turnpike.stun.AddressMap;
import io.turnpike.stun.TransportAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The cluster's own listeners and services by address and port, which no client may reach. The unspecified addresses
 * reach whatever this machine serves (CVE-2020-26262), so they are closed for every such port; a service on a wildcard
 * address answers on all of 127.0.0.0/8 too. Immutable.
 */
final class OwnServices {
    static final OwnServices NONE = of(List.of());

    private static final int PORT_BITS = 16;
    private static final int THIS_NETWORK = 0;
    private static final int LOOPBACK_NETWORK = 127;

    private final long[] ipv4;
    private final AddressMap<Boolean> ipv6;
    private final BitSet ports;
    private final BitSet wildcardPorts;

    private OwnServices(long[] ipv4, AddressMap<Boolean> ipv6, BitSet ports, BitSet wildcardPorts) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.ports = ports;
        this.wildcardPorts = wildcardPorts;
    }

    static OwnServices of(Collection<InetSocketAddress> services) {
        TreeSet<Long> ipv4 = new TreeSet<>();
        AddressMap<Boolean> ipv6 = new AddressMap<>();
        BitSet ports = new BitSet();
        BitSet wildcardPorts = new BitSet();
        for (InetSocketAddress service : services) {
            InetAddress host = service.getAddress();
            ports.set(service.getPort());
            if (host.isAnyLocalAddress()) {
                wildcardPorts.set(service.getPort());
                continue;
            }
            ByteBuffer address = ByteBuffer.wrap(host.getAddress());
            if (address.remaining() == Integer.BYTES) {
                ipv4.add(key(address.getInt(), service.getPort()));
            } else {
                ipv6.put(TransportAddress.of(service), Boolean.TRUE);
            }
        }
        return new OwnServices(ipv4.stream().mapToLong(Long::longValue).toArray(), ipv6, ports, wildcardPorts);
    }

    boolean containsIpv4(int address, int port) {
        if (port < 0) {
            return false;
        }
        return switch (address >>> 24) {
            case THIS_NETWORK -> ports.get(port);
            case LOOPBACK_NETWORK -> wildcardPorts.get(port) || isListed(address, port);
            default -> isListed(address, port);
        };
    }

    private boolean isListed(int address, int port) {
        return Arrays.binarySearch(ipv4, key(address, port)) >= 0;
    }

    boolean containsIpv6(long high, long low, int port) {
        if (port < 0) {
            return false;
        }
        boolean unspecified = high == 0 && low == 0;
        boolean loopback = high == 0 && low == 1;
        return unspecified && ports.get(port) || loopback && wildcardPorts.get(port)
                || ipv6.get(high, low, port) != null;
    }

    private static long key(int address, int port) {
        return Integer.toUnsignedLong(address) << PORT_BITS | port;
    }
}
