package io.turnpike.client;

import java.time.Duration;

import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;

/**
 * What a server granted to an allocation that came to another connection (RFC 8016 section 3.2.3).
 *
 * @param lifetime
 *            until the allocation ends, if it is not refreshed
 * @param ticket
 *            for the next move; the one before is stale as soon as the client is heard on the new connection
 */
public record Move(Duration lifetime, MobilityTicket ticket) {

    /** Reads the response; throws IllegalStateException that names what RFC 8016 demands and the answer lacks. */
    static Move from(StunAnswer answer) {
        Duration lifetime = answer.get(Lifetime.class).map(granted -> Duration.ofSeconds(granted.seconds()))
                .orElseThrow(() -> new IllegalStateException("the Refresh success response lacks LIFETIME"));
        return new Move(lifetime, answer.get(MobilityTicket.class).orElseThrow(
                () -> new IllegalStateException("the Refresh success response lacks MOBILITY-TICKET")));
    }
}
