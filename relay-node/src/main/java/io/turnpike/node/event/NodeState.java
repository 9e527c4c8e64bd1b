package io.turnpike.node.event;

/** What a node is doing. */
public enum NodeState {
    STARTING, SERVING, DRAINING, STOPPED
}
