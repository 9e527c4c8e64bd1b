package io.turnpike.node.allocation;

import io.turnpike.stun.Endpoint;

/**
 * Lets one peer address, with any port, exchange data with the client for 300 seconds (RFC 8656 section 9). Only
 * CreatePermission and ChannelBind refresh it; data does not.
 */
final class Permission extends Expiring {
    private final Allocation allocation;
    private final long peerHigh;
    private final long peerLow;

    Permission(Allocation allocation, Endpoint peer) {
        this.allocation = allocation;
        peerHigh = peer.high();
        peerLow = peer.low();
    }

    boolean isOf(Endpoint peer) {
        return peerLow == peer.low() && peerHigh == peer.high();
    }

    long peerHigh() {
        return peerHigh;
    }

    long peerLow() {
        return peerLow;
    }

    @Override
    protected void expired(long nowNanos) {
        allocation.permissionExpired(this);
    }
}
