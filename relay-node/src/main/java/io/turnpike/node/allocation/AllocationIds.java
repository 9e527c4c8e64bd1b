package io.turnpike.node.allocation;

import io.turnpike.node.event.NodeIdentity;
import java.util.concurrent.atomic.AtomicLong;

/** Names the allocations of a node: {@code nodeId-epoch-counter}. Thread-safe. */
public final class AllocationIds {
    private final NodeIdentity node;
    private final AtomicLong counter = new AtomicLong();

    /**
     * Starts at 0.
     *
     * @param node which process of which start
     */
    public AllocationIds(NodeIdentity node) {
        this.node = node;
    }

    String next() {
        return node.allocationId(counter.getAndIncrement());
    }
}
