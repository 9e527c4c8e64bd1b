package io.turnpike.node.event;

/**
 * An event with its place in the node's sequence.
 *
 * @param nodeSeq 0, 1, 2 ... over all events of the node epoch
 * @param event what happened
 */
public record SequencedEvent(long nodeSeq, RelayEvent event) {}
