package io.turnpike.node.turn;

import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationEvents;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.stun.ErrorCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Asks the peer policy for the handlers, and tells when it says no. */
final class PeerGate {
    private final PeerPolicy policy;
    private final AllocationEvents events;

    PeerGate(PeerPolicy policy, AllocationEvents events) {
        this.policy = policy;
        this.events = events;
    }

    /** Whether a permission for the address, with any port, may be given. */
    boolean allowsHost(Allocation allocation, InetAddress peer) {
        return told(allocation, peer, policy.checkHost(peer, allocation.owner().peerRules()).allowed());
    }

    /** Whether a channel to the address may be bound. */
    boolean allows(Allocation allocation, InetSocketAddress peer) {
        return told(allocation, peer.getAddress(), policy.check(peer, allocation.owner().peerRules()).allowed());
    }

    /** Whether a connection to the peer may be made (RFC 6062 section 5.2). */
    boolean allowsConnection(Allocation allocation, InetSocketAddress peer) {
        return told(allocation, peer.getAddress(),
                policy.checkConnection(peer, allocation.owner().peerRules()).allowed());
    }

    private boolean told(Allocation allocation, InetAddress peer, boolean allowed) {
        if (!allowed) {
            events.peerDenied(allocation, peer, ErrorCode.FORBIDDEN.code());
        }
        return allowed;
    }
}
