package io.turnpike.node.allocation;

import java.util.HashMap;
import java.util.Map;

/**
 * The five-tuples that arrive on one event loop and belong to allocations of other loops. Confined to its loop; the owner
 * of an allocation says by message when a guest leaves.
 */
public final class Guests {
    private final Map<FiveTuple, Guest> byFiveTuple = new HashMap<>();
    private volatile int size;

    /** The guest of a five-tuple, or null. */
    public Guest find(FiveTuple fiveTuple) {
        return byFiveTuple.isEmpty() ? null : byFiveTuple.get(fiveTuple);
    }

    /** Whether there is none, so that nobody need be looked for. */
    public boolean isEmpty() {
        return byFiveTuple.isEmpty();
    }

    /** From now on what this leg's client sends belongs to the other loop, until {@link #leave}. */
    public Guest enter(ClientLeg leg, int host) {
        Guest guest = new Guest(leg, host);
        byFiveTuple.put(leg.fiveTuple(), guest);
        size = byFiveTuple.size();
        return guest;
    }

    /** The allocation has moved on, has ended, or never came. */
    public void leave(Guest guest) {
        byFiveTuple.remove(guest.leg().fiveTuple(), guest);
        size = byFiveTuple.size();
    }

    /** Guests now; may be read from any thread. */
    public int size() {
        return size;
    }
}
