package io.turnpike.node;

import io.turnpike.node.config.RelayConfig.ListenerConfig;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.List;

/**
 * The addresses that a configured listener stands for. A wildcard is every address that the machine has at start, each
 * bound by itself: an answer then leaves from the address that was asked, which a socket on a wildcard does not promise
 * for UDP, and no IPv4 client ever appears under an IPv4-mapped IPv6 address.
 */
final class ListenerHosts {
    private ListenerHosts() {}

    /**
     * The addresses to bind.
     *
     * @param listener one of {@code all}
     * @param all every configured listener
     * @param machine addresses of this machine
     * @return for 0.0.0.0 every IPv4 address; for :: every IPv6 address that is not link-local, and every IPv4 address
     *     too unless another listener has 0.0.0.0 on the same port
     */
    static List<InetAddress> of(ListenerConfig listener, List<ListenerConfig> all, Collection<InetAddress> machine) {
        InetAddress host = RelayAddresses.address(listener.host());
        if (!host.isAnyLocalAddress()) {
            return List.of(host);
        }
        boolean onlyIpv4 = host instanceof Inet4Address;
        boolean ipv4 = onlyIpv4 || all.stream().noneMatch(other -> takesIpv4From(listener, other));
        return machine.stream().filter(
                address -> address instanceof Inet4Address ? ipv4 : !onlyIpv4 && !address.isLinkLocalAddress())
                .map(ListenerHosts::withoutScope).distinct().toList();
    }

    private static InetAddress withoutScope(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    private static boolean takesIpv4From(ListenerConfig listener, ListenerConfig other) {
        InetAddress host = RelayAddresses.address(other.host());
        return host.isAnyLocalAddress() && host instanceof Inet4Address && other.port() == listener.port()
                && other.transport().isDatagram() == listener.transport().isDatagram();
    }
}
