package io.turnpike.node.allocation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    private final Set<Ipv6> ipv6;
    private final Set<Integer> ports;
    private final Set<Integer> wildcardPorts;

    private OwnServices(long[] ipv4, Set<Ipv6> ipv6, Set<Integer> ports, Set<Integer> wildcardPorts) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.ports = ports;
        this.wildcardPorts = wildcardPorts;
    }

    private record Ipv6(long high, long low, int port) {}

    static OwnServices of(Collection<InetSocketAddress> services) {
        TreeSet<Long> ipv4 = new TreeSet<>();
        Set<Ipv6> ipv6 = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        Set<Integer> wildcardPorts = new HashSet<>();
        for (InetSocketAddress service : services) {
            InetAddress host = service.getAddress();
            ports.add(service.getPort());
            if (host.isAnyLocalAddress()) {
                wildcardPorts.add(service.getPort());
                continue;
            }
            ByteBuffer address = ByteBuffer.wrap(host.getAddress());
            if (address.remaining() == Integer.BYTES) {
                ipv4.add(key(address.getInt(), service.getPort()));
            } else {
                ipv6.add(new Ipv6(address.getLong(), address.getLong(), service.getPort()));
            }
        }
        return new OwnServices(ipv4.stream().mapToLong(Long::longValue).toArray(), Set.copyOf(ipv6), Set.copyOf(ports),
                Set.copyOf(wildcardPorts));
    }

    boolean containsIpv4(int address, int port) {
        if (port < 0) {
            return false;
        }
        return switch (address >>> 24) {
            case THIS_NETWORK -> ports.contains(port);
            case LOOPBACK_NETWORK -> wildcardPorts.contains(port) || isListed(address, port);
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
        return unspecified && ports.contains(port) || loopback && wildcardPorts.contains(port)
                || !ipv6.isEmpty() && ipv6.contains(new Ipv6(high, low, port));
    }

    private static long key(int address, int port) {
        return Integer.toUnsignedLong(address) << PORT_BITS | port;
    }
}
