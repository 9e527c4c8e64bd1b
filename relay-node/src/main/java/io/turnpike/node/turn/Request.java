package io.turnpike.node.turn;

import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.Software;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunFrame;
import java.util.List;
import java.util.Optional;

/**
 * An authenticated request on its way through a handler's checks. It reads the request's buffer and ends with it.
 *
 * @param frame the message
 * @param reply how it is answered, signed
 * @param owner who asks
 * @param allocation of the five-tuple, or null
 */
record Request(StunFrame frame, Reply reply, AllocationOwner owner, Allocation allocation) {
    /** A rule of a section: empty if it is kept, otherwise the error that the section asks for. */
    @FunctionalInterface
    interface Check {
        Optional<ErrorCode> violation(Request request);
    }

    static final Optional<ErrorCode> KEPT = Optional.empty();

    /** {@link #KEPT}, or the error if the rule is broken. */
    static Optional<ErrorCode> unless(boolean kept, ErrorCode error) {
        return kept ? KEPT : Optional.of(error);
    }

    /** The error of the first broken rule. */
    Optional<ErrorCode> firstViolation(List<Check> checks) {
        for (Check check : checks) {
            Optional<ErrorCode> violation = check.violation(this);
            if (violation.isPresent()) {
                return violation;
            }
        }
        return KEPT;
    }

    <A extends StunAttribute> Optional<A> attribute(Class<A> type) {
        return frame.get(type);
    }

    /** RFC 8656 section 5: a request for an existing allocation; 437 without one. */
    Optional<ErrorCode> hasAllocation() {
        return unless(allocation != null, ErrorCode.ALLOCATION_MISMATCH);
    }

    /** RFC 8656 section 5: only with the user name that made the allocation; 441 otherwise. */
    Optional<ErrorCode> isByTheOwner() {
        return unless(allocation.owner().isSame(owner.tenantId(), owner.username()), ErrorCode.WRONG_CREDENTIALS);
    }

    /** SOFTWARE of a client, or empty. */
    static String software(StunFrame frame) {
        return frame.get(Software.class).map(Software::description).orElse("");
    }

    /** Whether the allocation has a relayed address of the family. */
    boolean relays(AddressFamily family) {
        return allocation.transport(family) != null;
    }
}
