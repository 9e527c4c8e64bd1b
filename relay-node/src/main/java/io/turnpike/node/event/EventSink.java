package io.turnpike.node.event;

/**
 * Takes what happened on the node. Event loops call it; it never blocks and never throws, and what it cannot keep it
 * counts by {@link EventPriority}.
 */
@FunctionalInterface
public interface EventSink {
    /** Takes an event and gives it the node's next sequence number, also if it must then be refused. */
    void offer(RelayEvent event);
}
