package io.turnpike.quickstart;

import java.nio.file.Path;

/**
 * What {@code ./turnpike up} was asked for.
 *
 * @param relays how many relays, 1 to 8
 * @param data folder that keeps the state
 * @param demo whether synthetic calls are sent
 * @param ports where everything listens
 */
public record QuickstartOptions(int relays, Path data, boolean demo, Ports ports) {
    /** Each relay has a block of relay ports, and there are eight of them. */
    static final int MOST_RELAYS = 8;

    /** Refuses what cannot be started. */
    public QuickstartOptions {
        if (relays < 1 || relays > MOST_RELAYS) {
            throw new IllegalArgumentException("--relays is 1 to " + MOST_RELAYS + ", not " + relays);
        }
        ports.relay(relays);
        ports.tls(relays);
        ports.admin(relays);
    }
}
