package io.turnpike.node.config;

import java.time.Duration;

/**
 * How much a client on a TCP or TLS connection may hold, and for how long.
 *
 * @param maxNewcomers connections of a node that have carried no allocation yet
 * @param maxNewcomersPerNetwork such connections of one client network (/24 of IPv4, /48 of IPv6)
 * @param firstMessageTimeout from the accepted connection, or the end of the TLS handshake, to its first whole message
 * @param newcomerTimeout how long a connection may be without an allocation
 * @param queueTime how long data may wait for a client that reads slowly
 * @param queueBytes how much of it may wait
 */
public record StreamConfig(int maxNewcomers, int maxNewcomersPerNetwork, Duration firstMessageTimeout,
        Duration newcomerTimeout, Duration queueTime, long queueBytes) {
    private static final int MOST_NEWCOMERS = 1_000_000;
    private static final long LEAST_QUEUE_BYTES = 64 * 1024;
    private static final long MOST_QUEUE_BYTES = 64 * 1024 * 1024;

    /** Refuses bounds that would shut everybody out or bound nothing. */
    public StreamConfig {
        Rules.range("stream.max-newcomers", maxNewcomers, 1, MOST_NEWCOMERS);
        Rules.range("stream.max-newcomers-per-network", maxNewcomersPerNetwork, 1, maxNewcomers);
        Rules.between("stream.newcomer-timeout", newcomerTimeout, Duration.ofSeconds(10), Duration.ofHours(1));
        Rules.between("stream.first-message-timeout", firstMessageTimeout, Duration.ofSeconds(1), newcomerTimeout);
        Rules.between("stream.queue-time", queueTime, Duration.ofMillis(10), Duration.ofSeconds(10));
        Rules.require(queueBytes >= LEAST_QUEUE_BYTES && queueBytes <= MOST_QUEUE_BYTES, "stream.queue-bytes",
                "must be between 64 KiB and 64 MiB");
    }
}
