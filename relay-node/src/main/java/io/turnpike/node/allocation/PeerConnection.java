package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.usage.DropReason;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A peer data connection from its first step to its last: it is being made, it waits for the client's ConnectionBind, it
 * is joined to the client's data connection (RFC 6062 section 5). While it waits nothing of it is read, so that the
 * kernel's receive buffer is the bound of what the peer can send ahead. Confined to the allocation's event loop.
 */
final class PeerConnection extends Expiring {
    private enum State {
        /** The peer has not answered yet. */
        CONNECTING,
        /** It stands, and waits for a ConnectionBind. */
        WAITING,
        /** The client's connection is on its way to this event loop. */
        CLAIMED,
        /** Bytes are relayed. */
        JOINED,
        /** Gone. */
        CLOSED
    }

    /** Hears what came of a Connect; called once. */
    interface Attempt {
        void connected(int connectionId);

        void failed();
    }

    private final int id;
    private final Allocation allocation;
    private final TcpPeers peers;
    private final InetSocketAddress peer;
    private final StreamPipe toPeer;
    private final StreamPipe toClient;
    private final ByteStream.Receiver peerSide = new PeerSide();
    private final ByteStream.Receiver clientSide = new ClientSide();
    private State state = State.CONNECTING;
    private Attempt attempt;
    private ByteStream peerStream;
    private ByteStream clientStream;

    PeerConnection(int id, Allocation allocation, TcpPeers peers, InetSocketAddress peer) {
        this.id = id;
        this.allocation = allocation;
        this.peers = peers;
        this.peer = peer;
        toPeer = new StreamPipe(allocation, allocation.streamToPeer());
        toClient = new StreamPipe(allocation, allocation.streamToClient());
    }

    int id() {
        return id;
    }

    Allocation allocation() {
        return allocation;
    }

    InetSocketAddress peer() {
        return peer;
    }

    /** Begins to connect to the peer. */
    void connect(RelayListener from, Duration timeout, Attempt toTell) {
        attempt = toTell;
        allocation.scheduleAfter(this, timeout);
        ByteStream begun = from.connect(peer, peerSide);
        if (state == State.CONNECTING) {
            peerStream = begun;
        }
    }

    /** A peer has connected; returns who reads it. */
    ByteStream.Receiver accepted() {
        return peerSide;
    }

    boolean isWaiting() {
        return state == State.WAITING;
    }

    /** The client's connection comes; the deadline stays, in case that it does not arrive. */
    void claim() {
        state = State.CLAIMED;
    }

    ByteStream.Receiver clientSide() {
        return clientSide;
    }

    @Override
    protected void expired(long nowNanos) {
        end(false);
    }

    /** Closes both sides: a deadline has passed, or the allocation is over. */
    void close() {
        end(false);
    }

    private void end(boolean broken) {
        if (state == State.CLOSED) {
            return;
        }
        boolean connecting = state == State.CONNECTING;
        state = State.CLOSED;
        allocation.cancel(this);
        peers.remove(this);
        boolean peerLost = toPeer.close();
        boolean clientLost = toClient.close();
        if (peerLost || clientLost) {
            allocation.drop(DropReason.PEER_CONNECTION_LOST);
        }
        // Who did not get everything hears a reset: a torn stream must not look like a whole one.
        end(peerStream, broken || connecting || peerLost);
        end(clientStream, broken || clientLost);
        if (connecting && attempt != null) {
            // RFC 6062 section 5.2: 447 when the attempt fails or times out.
            attempt.failed();
        }
    }

    private static void end(ByteStream stream, boolean broken) {
        if (stream == null) {
            return;
        }
        if (broken) {
            stream.abort();
        } else {
            stream.close();
        }
    }

    /** Both directions have ended in order: each connection closes itself when its last bytes have left. */
    private boolean isComplete() {
        return toPeer.isFinished() && toClient.isFinished();
    }

    private void lost() {
        if (state == State.CLOSED) {
            return;
        }
        boolean oneLeft = peerStream != null || clientStream != null;
        if (!isComplete()) {
            end(true);
        } else if (!oneLeft) {
            end(false);
        }
    }

    private final class PeerSide implements ByteStream.Receiver {
        @Override
        public void opened(ByteStream stream) {
            if (state != State.CONNECTING) {
                stream.abort();
                return;
            }
            peerStream = stream;
            state = State.WAITING;
            allocation.scheduleAfter(PeerConnection.this, PeerConnections.BIND_TIMEOUT);
            if (attempt != null) {
                attempt.connected(id);
            } else {
                peers.announce(PeerConnection.this);
            }
        }

        @Override
        public void bytes(ByteBuf bytes) {
            if (state == State.CLOSED) {
                bytes.release();
            } else {
                toClient.bytes(bytes);
            }
        }

        @Override
        public void ended() {
            toClient.ended();
        }

        @Override
        public void writableAgain() {
            toPeer.pump();
        }

        @Override
        public void closed() {
            peerStream = null;
            lost();
        }
    }

    private final class ClientSide implements ByteStream.Receiver {
        @Override
        public void opened(ByteStream stream) {
            if (state != State.CLAIMED) {
                stream.close();
                return;
            }
            state = State.JOINED;
            allocation.cancel(PeerConnection.this);
            clientStream = stream;
            toClient.join(peerStream, stream);
            // Joining may have ended it, if the peer was gone already.
            if (state == State.JOINED) {
                toPeer.join(stream, peerStream);
            }
        }

        @Override
        public void bytes(ByteBuf bytes) {
            if (state == State.JOINED) {
                toPeer.bytes(bytes);
            } else {
                bytes.release();
            }
        }

        @Override
        public void ended() {
            toPeer.ended();
        }

        @Override
        public void writableAgain() {
            toClient.pump();
        }

        @Override
        public void closed() {
            clientStream = null;
            lost();
        }
    }
}
