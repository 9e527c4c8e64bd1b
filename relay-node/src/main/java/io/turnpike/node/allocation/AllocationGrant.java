package io.turnpike.node.allocation;

import io.turnpike.stun.AddressErrorCode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an Allocate was answered with; kept so that a retransmission gets the same answer (RFC 8656 section 7.2).
 *
 * @param relayed relayed transport addresses
 * @param lifetime time to expiry
 * @param token names the held port
 * @param missing why one of two families is missing
 */
public record AllocationGrant(List<InetSocketAddress> relayed, Duration lifetime, OptionalLong token,
        Optional<AddressErrorCode> missing) {
    /** Keeps its own list. */
    public AllocationGrant {
        relayed = List.copyOf(relayed);
    }
}
