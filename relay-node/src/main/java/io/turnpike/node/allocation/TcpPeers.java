package io.turnpike.node.allocation;

import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressFamily;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The peer connections of one TCP allocation, at most one to each peer (RFC 6062 section 5). Confined to its event loop. */
public final class TcpPeers {
    private final Allocation allocation;
    private final PeerConnections ofLoop;
    private final Map<InetSocketAddress, PeerConnection> byPeer = new HashMap<>();

    /** Hears what came of a Connect; called once, perhaps before {@link #connect} returns. */
    public interface Attempt extends PeerConnection.Attempt {}

    TcpPeers(Allocation allocation, PeerConnections ofLoop) {
        this.allocation = allocation;
        this.ofLoop = ofLoop;
    }

    /** Whether a connection to the peer is being made, waits for its ConnectionBind, or is in use. */
    public boolean contains(InetSocketAddress peer) {
        return byPeer.containsKey(peer);
    }

    /** Whether one more connection may be made; it is taken off the peers that the allocation may add, so ask last. */
    public boolean admits() {
        return hasRoom() && allocation.takeNewPeer();
    }

    private boolean hasRoom() {
        return byPeer.size() < ofLoop.limits().maxConnections();
    }

    /** Connects to a peer of a family that the allocation relays. */
    public void connect(InetSocketAddress peer, Attempt attempt) {
        PeerConnection connection = add(peer);
        connection.connect(allocation.transport(AddressFamily.of(peer.getAddress())).listener(),
                ofLoop.limits().connectTimeout(), attempt);
    }

    /** A peer has connected; null if it must be closed at once. */
    ByteStream.Receiver connected(InetSocketAddress peer) {
        if (!ofLoop.attempts().admits(allocation, peer)) {
            return null;
        }
        if (!hasRoom() || contains(peer)) {
            allocation.drop(DropReason.TOO_MANY_PEER_CONNECTIONS);
            return null;
        }
        return add(peer).accepted();
    }

    void announce(PeerConnection connection) {
        ofLoop.attempts().announce(allocation, connection.peer(), connection.id());
    }

    void closeAll(AddressFamily family) {
        if (byPeer.isEmpty()) {
            return;
        }
        for (PeerConnection connection : List.copyOf(byPeer.values())) {
            if (AddressFamily.of(connection.peer().getAddress()) == family) {
                connection.close();
            }
        }
    }

    void remove(PeerConnection connection) {
        byPeer.remove(connection.peer(), connection);
        ofLoop.remove(connection);
    }

    private PeerConnection add(InetSocketAddress peer) {
        PeerConnection connection = new PeerConnection(ofLoop.newId(), allocation, this, peer);
        byPeer.put(peer, connection);
        ofLoop.add(connection);
        return connection;
    }
}
