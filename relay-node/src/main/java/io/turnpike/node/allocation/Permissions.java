package io.turnpike.node.allocation;

import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AddressMap;
import io.turnpike.stun.Endpoint;
import java.net.InetAddress;

/** The permissions of one allocation (RFC 8656 section 9). Confined to the allocation's event loop. */
final class Permissions {
    /** By host, with port 0. */
    private final AddressMap<Permission> byPeer = new AddressMap<>();
    private final Allocation allocation;
    private final AllocationTable table;

    Permissions(Allocation allocation, AllocationTable table) {
        this.allocation = allocation;
        this.table = table;
    }

    int size() {
        return byPeer.size();
    }

    boolean permits(InetAddress peer) {
        table.cursor().setHost(peer);
        return permits(table.cursor());
    }

    boolean permits(Endpoint peer) {
        Permission permission = byPeer.get(peer.high(), peer.low(), 0);
        return permission != null && permission.isLive(table.turnNanos());
    }

    void permit(InetAddress peer) {
        AddressCursor host = table.cursor();
        host.setHost(peer);
        Permission permission = byPeer.get(host);
        boolean made = permission == null;
        if (made) {
            permission = new Permission(allocation, peer);
            byPeer.put(host, permission);
            table.permissionsChanged(1);
        }
        table.scheduleAfter(permission, AllocationTable.PERMISSION_LIFETIME);
        if (made) {
            table.events().permissionMade(allocation, peer);
        }
    }

    void expired(InetAddress peer) {
        AddressCursor host = table.cursor();
        host.setHost(peer);
        if (byPeer.remove(host) != null) {
            table.permissionsChanged(-1);
        }
    }

    /** Nothing runs out any more: the allocation is over. */
    void stop() {
        byPeer.values().forEach(table.wheel()::cancel);
        table.permissionsChanged(-byPeer.size());
    }
}
