package io.turnpike.node.allocation;

import io.turnpike.stun.TransactionId;
import java.time.Duration;

/**
 * The request that made an allocation.
 *
 * @param transactionId the same one again is a retransmission (RFC 8656 section 7.2)
 * @param software SOFTWARE of the client, or empty
 * @param sinceFirstRequest time since the five-tuple's first request, as far as the relay can know it
 * @param movable whether the client wants to take the allocation to other addresses (RFC 8016 section 3.1)
 */
public record AllocationOrigin(TransactionId transactionId, String software, Duration sinceFirstRequest,
        boolean movable) {
    private static final int MAX_SOFTWARE_CHARS = 64;

    /** Cuts the software's name. */
    public AllocationOrigin {
        software = software.length() <= MAX_SOFTWARE_CHARS ? software : software.substring(0, MAX_SOFTWARE_CHARS);
    }

    /** An allocation that stays where it is. */
    public AllocationOrigin(TransactionId transactionId, String software, Duration sinceFirstRequest) {
        this(transactionId, software, sinceFirstRequest, false);
    }
}
