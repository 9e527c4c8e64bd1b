package io.turnpike.node.turn;

import io.turnpike.node.config.RelayConfig.AnswersConfig;
import io.turnpike.node.usage.TokenBucket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/**
 * Bounds what the relay answers to UDP sources that have not shown who they are, so that spoofed requests are worth
 * little to a reflection attack (RFC 8489 section 16.1.2): by the source's network and in total.
 * Who is authenticated is never asked about. Thread-safe; its memory is fixed, nothing is kept for a source.
 *
 * <p>Half of the total is set aside for networks that ask seldom, so that a flood from thousands of networks, each of them
 * busy, leaves an ordinary client its answer.
 */
public final class AnswerBudget {
    private static final int BURST_SECONDS = 2;
    /** A network that asks less than this part of what it may is quiet. */
    private static final int QUIET_PART = 256;
    private static final int IPV4_BITS = 32;

    private final Budget challenges;
    private final Budget bindings;
    private final int ipv4PrefixLength;
    private final int ipv6PrefixLength;
    private final LongSupplier nanoClock;
    private final long startNanos;

    /**
     * Begins with the whole budget.
     *
     * @param config what may be answered
     * @param nanoClock monotonic clock
     */
    public AnswerBudget(AnswersConfig config, LongSupplier nanoClock) {
        this.challenges = new Budget(config.challengesPerPrefix(), config.challengesTotal());
        this.bindings = new Budget(config.bindingsPerPrefix(), config.bindingsTotal());
        this.ipv4PrefixLength = config.ipv4PrefixLength();
        this.ipv6PrefixLength = config.ipv6PrefixLength();
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
    }

    /**
     * Takes one answer off the budget.
     *
     * @param source where the answer would go
     * @param binding whether it answers a Binding request, which has a budget of its own
     * @return false if the request must be dropped without an answer
     */
    public boolean admit(InetSocketAddress source, boolean binding) {
        return (binding ? bindings : challenges).take(network(source.getAddress()), nanoClock.getAsLong() - startNanos);
    }

    /** The first bits of an IPv6 address, or those of an IPv4 address behind a half that no IPv6 network has. */
    private Network network(InetAddress source) {
        byte[] address = source.getAddress();
        if (address.length == Integer.BYTES) {
            long ipv4 = Integer.toUnsignedLong(ByteBuffer.wrap(address).getInt());
            return new Network(-1, ipv4 >>> IPV4_BITS - ipv4PrefixLength);
        }
        return new Network(ByteBuffer.wrap(address).getLong() >>> Long.SIZE - ipv6PrefixLength, 0);
    }

    private record Network(long high, long low) {}

    /** The budget of one kind of answer. */
    private static final class Budget {
        private final HashedBuckets networks;
        private final HashedBuckets quietNetworks;
        private final TokenBucket anyone;
        private final TokenBucket reserve;

        Budget(int perNetwork, int total) {
            KeyedHash hash = KeyedHash.random();
            networks = new HashedBuckets(hash, perNetwork, BURST_SECONDS * perNetwork);
            int quiet = Math.max(1, perNetwork / QUIET_PART);
            quietNetworks = new HashedBuckets(hash, quiet, BURST_SECONDS * BURST_SECONDS * quiet);
            int half = Math.max(1, total / 2);
            anyone = new TokenBucket(half, BURST_SECONDS * half, 0);
            reserve = new TokenBucket(half, BURST_SECONDS * half, 0);
        }

        boolean take(Network network, long nowNanos) {
            boolean quiet = quietNetworks.take(network.high, network.low, nowNanos);
            return networks.take(network.high, network.low, nowNanos)
                    && (anyone.take(nowNanos) || quiet && reserve.take(nowNanos));
        }
    }
}
