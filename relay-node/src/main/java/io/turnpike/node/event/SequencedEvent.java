package io.turnpike.node.event;

/**
 * An event with its place in the node's sequence.
 *
 * @param nodeSeq 0, 1, 2 ... over all events of the node epoch
 * @param event what happened
 */
public record SequencedEvent(long nodeSeq, RelayEvent event) {
    /** The same event; a sample takes over the interval of the one that it replaces. */
    SequencedEvent replacing(SequencedEvent older) {
        return event instanceof UsageSampled newest && older.event instanceof UsageSampled replaced
                ? new SequencedEvent(nodeSeq, newest.since(replaced))
                : this;
    }
}
