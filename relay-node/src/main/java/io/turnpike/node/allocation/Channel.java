package io.turnpike.node.allocation;

import io.turnpike.stun.TransportAddress;

/** Binds a channel number to one peer for 600 seconds (RFC 8656 section 12). Only ChannelBind refreshes it. */
public final class Channel extends Expiring {
    private final Allocation allocation;
    private final int number;
    private final TransportAddress address;

    Channel(Allocation allocation, int number, TransportAddress address) {
        this.allocation = allocation;
        this.number = number;
        this.address = address;
    }

    /** The channel number. */
    public int number() {
        return number;
    }

    /** The peer's transport address. */
    public TransportAddress address() {
        return address;
    }

    @Override
    protected void expired(long nowNanos) {
        allocation.channelExpired(this);
    }
}
