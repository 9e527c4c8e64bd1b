package io.turnpike.node.transport.linux;

import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import java.util.ArrayList;
import java.util.List;

/** Remembers what it was told of datagrams, which are known by their payload bytes. */
final class Fates implements Delivery {
    private final List<Integer> delivered = new ArrayList<>();
    private final List<Integer> refused = new ArrayList<>();

    @Override
    public void delivered(int clientWireBytes, int payloadBytes) {
        delivered.add(payloadBytes);
    }

    @Override
    public void refused(int clientWireBytes, int payloadBytes, DropReason reason) {
        refused.add(payloadBytes);
    }

    /** Sizes of what left, in the order of the news. */
    List<Integer> delivered() {
        return delivered;
    }

    /** Sizes of what was refused, in the order of the news. */
    List<Integer> refused() {
        return refused;
    }
}
