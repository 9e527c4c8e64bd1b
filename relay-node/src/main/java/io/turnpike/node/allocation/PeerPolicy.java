package io.turnpike.node.allocation;

import io.turnpike.node.config.PeerRules;
import io.turnpike.node.config.RelayConfig.PeersConfig;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Collection;

/**
 * Which peers clients may exchange data with: everything public, nothing special-purpose unless the operator or the
 * tenant allows it, and never the cluster's own listeners and services (RFC 8656 section 21.4, RFC 6156 section 9.1).
 * Asked at CreatePermission, ChannelBind and Connect, for every packet to a peer, for every packet from one and for
 * every connection from one.
 *
 * <p>An IPv6 address that holds an IPv4 address is allowed only if both are. Live relayed transport addresses are
 * allowed wherever they are, because two relayed clients meet there; over TCP only those that listen for TCP, because
 * another program may have the port of a UDP socket. Thread-safe.
 */
public final class PeerPolicy {
    private static final int ANY_PORT = -1;

    private final VerdictTable table;
    private final RelayedAddresses relayedUdp;
    private final RelayedAddresses relayedTcp;
    private final EmbeddedIpv4.Check checkEmbedded = this::ipv4;
    private volatile OwnServices own = OwnServices.NONE;

    /**
     * Knows no service yet.
     *
     * @param peers what the operator allows and denies
     * @param relayedUdp live UDP relayed transport addresses of this node
     * @param relayedTcp live TCP relayed transport addresses of this node (RFC 6062)
     */
    public PeerPolicy(PeersConfig peers, RelayedAddresses relayedUdp, RelayedAddresses relayedTcp) {
        this.table = new VerdictTable(peers.allow(), peers.deny());
        this.relayedUdp = relayedUdp;
        this.relayedTcp = relayedTcp;
    }

    /** Denies these of the cluster's own listeners and services, and none that were denied before. */
    public void denyServices(Collection<InetSocketAddress> services) {
        own = OwnServices.of(services);
    }

    /** The verdict over a host, for a permission, which names no port (RFC 8656 section 9). */
    public Verdict checkHost(InetAddress host, PeerRules rules) {
        Verdict verdict = check(host.getAddress(), ANY_PORT, rules);
        return verdict.allowed() || !relayedUdp.containsHost(host) && !relayedTcp.containsHost(host)
                ? verdict
                : Verdict.allowed(verdict.peerClass());
    }

    /** The verdict over a peer that datagrams go to or come from. */
    public Verdict check(InetSocketAddress peer, PeerRules rules) {
        return check(peer, rules, relayedUdp);
    }

    /** As the other, for the path of a packet: nothing is made where the address alone decides. */
    public Verdict check(Endpoint peer, PeerRules rules) {
        Verdict verdict = peer.family() == AddressFamily.IPV4
                ? ipv4((int) peer.low(), peer.port(), rules)
                : ipv6(peer.high(), peer.low(), peer.port(), rules);
        return verdict.allowed() || !relayedUdp.contains(peer.socketAddress())
                ? verdict
                : Verdict.allowed(verdict.peerClass());
    }

    /** The verdict over a peer that a connection goes to or comes from (RFC 6062 sections 5.2 and 5.3). */
    public Verdict checkConnection(InetSocketAddress peer, PeerRules rules) {
        return check(peer, rules, relayedTcp);
    }

    private Verdict check(InetSocketAddress peer, PeerRules rules, RelayedAddresses relayed) {
        Verdict verdict = check(peer.getAddress().getAddress(), peer.getPort(), rules);
        return verdict.allowed() || !relayed.contains(peer) ? verdict : Verdict.allowed(verdict.peerClass());
    }

    /** The verdict over an address of 4 or 16 bytes that nobody was given as a relayed transport address. */
    Verdict check(byte[] address, int port, PeerRules rules) {
        ByteBuffer bytes = ByteBuffer.wrap(address);
        return address.length == Integer.BYTES
                ? ipv4(bytes.getInt(), port, rules)
                : ipv6(bytes.getLong(), bytes.getLong(), port, rules);
    }

    private Verdict ipv4(int ipv4, int port, PeerRules rules) {
        if (own.containsIpv4(ipv4, port)) {
            return Verdict.DENIED_SPECIAL;
        }
        Verdict verdict = table.ipv4(ipv4);
        if (rules.denies(ipv4)) {
            return verdict.deniedByTenant();
        }
        return verdict.isTenantsChoice() && rules.allows(ipv4) ? Verdict.allowed(verdict.peerClass()) : verdict;
    }

    private Verdict ipv6(long high, long low, int port, PeerRules rules) {
        if (EmbeddedIpv4.isMapped(high, low)) {
            return ipv4((int) low, port, rules);
        }
        if (own.containsIpv6(high, low, port)) {
            return Verdict.DENIED_SPECIAL;
        }
        Verdict verdict = table.ipv6(high, low);
        if (rules.denies(high, low)) {
            verdict = verdict.deniedByTenant();
        } else if (verdict.isTenantsChoice() && rules.allows(high, low)) {
            verdict = Verdict.allowed(verdict.peerClass());
        }
        return EmbeddedIpv4.firstRefusal(high, low, port, rules, checkEmbedded, verdict);
    }
}
