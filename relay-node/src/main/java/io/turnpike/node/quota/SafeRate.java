package io.turnpike.node.quota;

/**
 * How a node goes on under SAFE_RATE while control is lost.
 *
 * @param bitsPerSecond what one node forwards of a tenant, 8,000 or more: beyond grants, and of a leased rate whose lease is over
 * @param graceBytes most that one node forwards beyond its grants in a period, 0 or more
 */
public record SafeRate(long bitsPerSecond, long graceBytes) {
    /** 1 Mbit/s, and 64 MiB in a period. */
    public static final SafeRate STANDARD = new SafeRate(io.turnpike.contract.SafeRate.DEFAULT_BITS_PER_SECOND,
            io.turnpike.contract.SafeRate.DEFAULT_GRACE_BYTES);
}
