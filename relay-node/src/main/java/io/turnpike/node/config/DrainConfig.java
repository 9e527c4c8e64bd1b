package io.turnpike.node.config;

import java.time.Duration;
import java.util.List;

/**
 * How the node goes out of service (RFC 8489 section 10).
 *
 * @param alternates where new clients are sent meanwhile
 * @param deadline how long SIGTERM waits for live allocations
 */
public record DrainConfig(List<AlternateConfig> alternates, Duration deadline) {
    /** Keeps the list from changing. */
    public DrainConfig {
        alternates = List.copyOf(alternates);
        Rules.between("drain.deadline", deadline, Duration.ZERO, Duration.ofDays(1));
    }
}
