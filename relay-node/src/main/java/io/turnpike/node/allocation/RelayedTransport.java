package io.turnpike.node.allocation;

import io.turnpike.stun.AddressFamily;
import java.net.InetSocketAddress;

/**
 * A relayed transport address of an allocation with its socket, port and lifetime. A dual-stack allocation has two, and
 * each is refreshed and deleted on its own (RFC 8656 section 8.2). Confined to the allocation's event loop.
 */
public final class RelayedTransport extends Expiring {
    private final RelayPort socket;
    private final RelayPorts ports;
    private final RelayedAddresses live;
    private final AddressFamily family;
    private Allocation allocation;

    RelayedTransport(RelayPort socket, RelayPorts ports, RelayedAddresses live) {
        this.socket = socket;
        family = AddressFamily.of(socket.relayedAddress().getAddress());
        this.ports = ports;
        this.live = live;
        live.add(socket.relayedAddress());
    }

    /** The relayed transport address as clients and peers see it. */
    public InetSocketAddress address() {
        return socket.relayedAddress();
    }

    /** Its family. */
    public AddressFamily family() {
        return family;
    }

    /** The socket behind it; only where the transport is UDP. */
    public RelaySocket socket() {
        return (RelaySocket) socket;
    }

    /** The listening socket behind it; only where the transport is TCP. */
    RelayListener listener() {
        return (RelayListener) socket;
    }

    void belongsTo(Allocation owner) {
        allocation = owner;
    }

    void close() {
        live.remove(address());
        socket.close();
        ports.release(address().getPort(), allocation.owner().account());
    }

    @Override
    protected void expired(long nowNanos) {
        allocation.transportExpired(this);
    }
}
