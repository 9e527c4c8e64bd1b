package io.turnpike.node.allocation;

import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AddressMap;
import io.turnpike.stun.Endpoint;
import java.net.InetAddress;

/**
 * The permissions of one allocation (RFC 8656 section 9). Many allocations never have more than one, which needs no table.
 * Confined to the allocation's event loop.
 */
final class Permissions {
    private static final int NO_PORT = 0;

    private final Allocation allocation;
    private final AllocationTable table;
    private Permission only;
    /** All of them, by host, from the second one on; null before. */
    private AddressMap<Permission> byPeer;

    Permissions(Allocation allocation, AllocationTable table) {
        this.allocation = allocation;
        this.table = table;
    }

    int size() {
        if (byPeer != null) {
            return byPeer.size();
        }
        return only == null ? 0 : 1;
    }

    boolean permits(InetAddress peer) {
        table.cursor().setHost(peer);
        return permits(table.cursor());
    }

    boolean permits(Endpoint peer) {
        Permission permission = find(peer);
        return permission != null && permission.isLive(table.turnNanos());
    }

    private Permission find(Endpoint peer) {
        if (byPeer != null) {
            return byPeer.get(peer.high(), peer.low(), NO_PORT);
        }
        return only != null && only.isOf(peer) ? only : null;
    }

    void permit(InetAddress peer) {
        AddressCursor host = table.cursor();
        host.setHost(peer);
        Permission permission = find(host);
        boolean made = permission == null;
        if (made) {
            permission = new Permission(allocation, host);
            add(permission);
            table.permissionsChanged(1);
        }
        table.scheduleAfter(permission, AllocationTable.PERMISSION_LIFETIME);
        if (made) {
            table.events().permissionMade(allocation, peer);
        }
    }

    private void add(Permission permission) {
        if (byPeer == null && only == null) {
            only = permission;
            return;
        }
        if (byPeer == null) {
            byPeer = new AddressMap<>();
            put(only);
            only = null;
        }
        put(permission);
    }

    private void put(Permission permission) {
        byPeer.put(permission.peerHigh(), permission.peerLow(), NO_PORT, permission);
    }

    void expired(Permission permission) {
        if (byPeer != null) {
            byPeer.remove(permission.peerHigh(), permission.peerLow(), NO_PORT);
        } else {
            only = null;
        }
        table.permissionsChanged(-1);
    }

    /** Nothing runs out any more: the allocation is over. */
    void stop() {
        if (byPeer != null) {
            byPeer.values().forEach(table.wheel()::cancel);
        } else if (only != null) {
            table.wheel().cancel(only);
        }
        table.permissionsChanged(-size());
    }
}
