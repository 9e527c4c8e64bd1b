package io.turnpike.node.allocation;

import io.turnpike.node.event.RelayTransport;
import io.turnpike.stun.AddressFamily;
import java.util.List;
import java.util.OptionalLong;

/**
 * Which relayed transport addresses an Allocate asks for (RFC 8656 section 7.2).
 *
 * @param transport protocol between relay and peers
 * @param families one family, or two for a dual-stack allocation
 * @param port which ports will do
 * @param reservation token of a port held before; then the family is the held port's
 */
public record RelayPlan(RelayTransport transport, List<AddressFamily> families, PortWish port,
        OptionalLong reservation) {
    /** Which ports will do. */
    public enum PortWish {
        /** Any. */
        ANY,
        /** An even one (EVEN-PORT with R=0). */
        EVEN,
        /** An even one, and the next is held for a second allocation (EVEN-PORT with R=1). */
        EVEN_AND_HOLD_NEXT
    }

    /** Refuses what the checks of an Allocate do not let through. */
    public RelayPlan {
        families = List.copyOf(families);
        if (families.isEmpty() || families.size() > 2) {
            throw new IllegalArgumentException("an allocation has one or two families");
        }
    }

    /** Relayed UDP addresses, one for each family, on any port. */
    public static RelayPlan of(AddressFamily... families) {
        return new RelayPlan(RelayTransport.UDP, List.of(families), PortWish.ANY, OptionalLong.empty());
    }
}
