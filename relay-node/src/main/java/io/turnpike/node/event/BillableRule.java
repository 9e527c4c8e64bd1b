package io.turnpike.node.event;

/** Which bytes of relayed data are billed. Data to the client always is, with its framing. */
public enum BillableRule {
    /** The client's leg: what the client sends, with its framing, and what it receives. */
    BOTH_DIRECTIONS {
        @Override
        public int toPeer(int clientWireBytes, int payloadBytes) {
            return clientWireBytes;
        }
    },
    /** What leaves the relay: to the peer, without framing, and to the client. */
    EGRESS_ONLY {
        @Override
        public int toPeer(int clientWireBytes, int payloadBytes) {
            return payloadBytes;
        }
    };

    /** Billable bytes of one datagram from the client to a peer. */
    public abstract int toPeer(int clientWireBytes, int payloadBytes);
}
