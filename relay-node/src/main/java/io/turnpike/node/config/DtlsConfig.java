package io.turnpike.node.config;

import java.time.Duration;

/**
 * How much clients of DTLS may hold before they have an allocation; nobody holds anything before it has shown a cookie.
 *
 * @param maxHandshakes handshakes of a node that may be under way; each has a thread
 * @param maxHandshakesPerNetwork such handshakes of one client network (/24 of IPv4, /48 of IPv6)
 * @param maxNewcomers associations of a node that have carried no allocation yet, handshakes among them
 * @param maxNewcomersPerNetwork such associations of one client network
 * @param newcomerTimeout how long an association may be without an allocation
 */
public record DtlsConfig(int maxHandshakes, int maxHandshakesPerNetwork, int maxNewcomers, int maxNewcomersPerNetwork,
        Duration newcomerTimeout) {
    private static final int MOST_HANDSHAKES = 4_096;
    private static final int MOST_NEWCOMERS = 1_000_000;

    /** Refuses bounds that would shut everybody out or bound nothing. */
    public DtlsConfig {
        Rules.range("dtls.max-handshakes", maxHandshakes, 1, MOST_HANDSHAKES);
        Rules.range("dtls.max-handshakes-per-network", maxHandshakesPerNetwork, 1, maxHandshakes);
        Rules.range("dtls.max-newcomers", maxNewcomers, 1, MOST_NEWCOMERS);
        Rules.range("dtls.max-newcomers-per-network", maxNewcomersPerNetwork, 1, maxNewcomers);
        Rules.between("dtls.newcomer-timeout", newcomerTimeout, Duration.ofSeconds(10), Duration.ofHours(1));
    }
}
