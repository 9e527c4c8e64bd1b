package io.turnpike.node.allocation;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** The permissions of one allocation (RFC 8656 section 9). Confined to the allocation's event loop. */
final class Permissions {
    private final Map<InetAddress, Permission> byPeer = new HashMap<>();
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
        Permission permission = byPeer.get(peer);
        return permission != null && permission.isLive(table.nanoTime());
    }

    void permit(InetAddress peer) {
        Permission permission = byPeer.get(peer);
        boolean made = permission == null;
        if (made) {
            permission = new Permission(allocation, peer);
            byPeer.put(peer, permission);
            table.permissionsChanged(1);
        }
        table.scheduleAfter(permission, AllocationTable.PERMISSION_LIFETIME);
        if (made) {
            table.events().permissionMade(allocation, peer);
        }
    }

    void expired(InetAddress peer) {
        if (byPeer.remove(peer) != null) {
            table.permissionsChanged(-1);
        }
    }

    /** Nothing runs out any more: the allocation is over. */
    void stop() {
        byPeer.values().forEach(table.wheel()::cancel);
        table.permissionsChanged(-byPeer.size());
    }
}
