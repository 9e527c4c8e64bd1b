package io.turnpike.node.event;

/**
 * Which process of which start of which node speaks: part of every event and of every quota account.
 *
 * @param nodeId configured name, 1 to 64 characters
 * @param epoch grows strictly at each start of the node
 * @param processNonce random number of this process; tells two processes with one node id apart (QUOTA.md rule 6)
 */
public record NodeIdentity(String nodeId, long epoch, long processNonce) {
    private static final int MAX_ID_CHARS = 64;

    /** Refuses names that no record may carry. */
    public NodeIdentity {
        if (nodeId.isEmpty() || nodeId.length() > MAX_ID_CHARS || nodeId.indexOf('|') >= 0) {
            throw new IllegalArgumentException("a node id has 1 to 64 characters without '|': " + nodeId);
        }
        if (epoch < 1) {
            throw new IllegalArgumentException("a node epoch is positive, not " + epoch);
        }
    }

    /** The allocation id of the given counter: {@code nodeId-epoch-counter}. */
    public String allocationId(long counter) {
        return nodeId + '-' + epoch + '-' + counter;
    }
}
