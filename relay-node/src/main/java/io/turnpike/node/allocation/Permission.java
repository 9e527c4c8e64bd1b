package io.turnpike.node.allocation;

import java.net.InetAddress;

/**
 * Lets one peer address, with any port, exchange data with the client for 300 seconds (RFC 8656 section 9). Only
 * CreatePermission and ChannelBind refresh it; data does not.
 */
final class Permission extends Expiring {
    private final Allocation allocation;
    private final InetAddress peer;

    Permission(Allocation allocation, InetAddress peer) {
        this.allocation = allocation;
        this.peer = peer;
    }

    @Override
    protected void expired(long nowNanos) {
        allocation.permissionExpired(peer);
    }
}
