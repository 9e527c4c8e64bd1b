package io.turnpike.node.allocation;

import io.turnpike.node.config.PeerRules;
import io.turnpike.node.config.RelayConfig.PeersConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Collections;

/**
 * Which peers clients may exchange data with: everything public, nothing special-purpose unless the operator allows it,
 * and never the cluster's own listeners and services (RFC 8656 section 21.4). Asked at CreatePermission and
 * ChannelBind, for every packet to a peer, and for every packet from one.
 *
 * <p>An IPv6 address that holds an IPv4 address is allowed only if both are. Live relayed transport addresses are
 * allowed wherever they are, because two relayed clients meet there. Thread-safe; an answer allocates nothing unless
 * the address is in a denied range.
 */
public final class PeerPolicy {
    private static final int ANY_PORT = -1;

    private final VerdictTable table;
    private final RelayedAddresses relayed;
    private final EmbeddedIpv4.Check checkEmbedded = this::embedded;
    private volatile OwnServices own = OwnServices.NONE;

    /** @param relayed live relayed transport addresses of this node */
    public PeerPolicy(PeersConfig peers, RelayedAddresses relayed) {
        this.table = new VerdictTable(peers.allow(), peers.deny());
        this.relayed = relayed;
    }

    /**
     * Denies one of the cluster's own listeners or services. A wildcard address denies its port on every address of
     * this machine.
     */
    public synchronized void denyService(InetSocketAddress service) {
        if (!service.getAddress().isAnyLocalAddress()) {
            own = own.with(service.getAddress(), service.getPort());
            return;
        }
        try {
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                for (InetAddress local : Collections.list(each.getInetAddresses())) {
                    own = own.with(local, service.getPort());
                }
            }
        } catch (SocketException e) {
            throw new IllegalStateException("the addresses of this machine cannot be listed", e);
        }
    }

    /** The verdict over a host, for a permission, which names no port (RFC 8656 section 9). */
    public Verdict checkHost(InetAddress host, PeerRules rules) {
        return checkHost(host);
    }

    /** The verdict over a peer's address and port for a tenant's clients. */
    public Verdict check(InetSocketAddress peer, PeerRules rules) {
        return check(peer);
    }

    /** The verdict over a host, for a permission, which names no port (RFC 8656 section 9). */
    public Verdict checkHost(InetAddress host) {
        byte[] address = host.getAddress();
        return check(address, 0, address.length, ANY_PORT);
    }

    /** The verdict over a peer's address and port. */
    public Verdict check(InetSocketAddress peer) {
        byte[] address = peer.getAddress().getAddress();
        return check(address, 0, address.length, peer.getPort());
    }

    /**
     * The verdict over address bytes in network order.
     *
     * @param length 4 or 16
     */
    public Verdict check(byte[] bytes, int offset, int length, int port) {
        ByteBuffer address = ByteBuffer.wrap(bytes, offset, length);
        return length == Integer.BYTES
                ? checkIpv4(address.getInt(), port)
                : checkIpv6(address.getLong(), address.getLong(), port);
    }

    /** The verdict over an IPv4 address in network order. */
    public Verdict checkIpv4(int ipv4, int port) {
        Verdict verdict = own.containsIpv4(ipv4, port) ? Verdict.DENIED_SPECIAL : table.ipv4(ipv4);
        return verdict.allowed() || !isRelayedIpv4(ipv4, port)
                ? verdict
                : Verdict.allowed(table.ipv4(ipv4).peerClass());
    }

    /** The verdict over an IPv6 address given as its two halves in network order. */
    public Verdict checkIpv6(long high, long low, int port) {
        if (EmbeddedIpv4.isMapped(high, low)) {
            return checkIpv4((int) low, port);
        }
        Verdict verdict = own.containsIpv6(high, low, port) ? Verdict.DENIED_SPECIAL : table.ipv6(high, low);
        verdict = EmbeddedIpv4.firstRefusal(high, low, port, checkEmbedded, verdict);
        return verdict.allowed() || !isRelayedIpv6(high, low, port)
                ? verdict
                : Verdict.allowed(table.ipv6(high, low).peerClass());
    }

    /** A relayed address is not looked for inside another one: nobody was given it that way. */
    private Verdict embedded(int ipv4, int port) {
        return own.containsIpv4(ipv4, port) ? Verdict.DENIED_SPECIAL : table.ipv4(ipv4);
    }

    private boolean isRelayedIpv4(int ipv4, int port) {
        return relayed.size() > 0 && isRelayed(ByteBuffer.allocate(Integer.BYTES).putInt(ipv4).array(), port);
    }

    private boolean isRelayedIpv6(long high, long low, int port) {
        return relayed.size() > 0
                && isRelayed(ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array(), port);
    }

    private boolean isRelayed(byte[] address, int port) {
        try {
            InetAddress host = InetAddress.getByAddress(address);
            return port == ANY_PORT ? relayed.containsHost(host) : relayed.contains(new InetSocketAddress(host, port));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length, e);
        }
    }
}
