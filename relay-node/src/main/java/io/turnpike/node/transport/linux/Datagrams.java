package io.turnpike.node.transport.linux;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.Endpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * An event loop's datagrams, in and out: what is received is sent on from where it lies, at the latest at the end of the
 * loop's turn, which the owner announces by {@link #flush}. Confined to the loop.
 */
public final class Datagrams {
    private final Inbox inbox;
    private final Outbox outbox;
    private final List<Lane> used = new ArrayList<>();

    /** Sends and receives by these calls. */
    public Datagrams(SystemCalls calls) {
        inbox = new Inbox(calls);
        outbox = new Outbox(calls, inbox);
    }

    /**
     * Receives what a socket has, at most as much as asked for, and hands the datagrams over one by one.
     *
     * @param lane of the socket
     * @param most datagrams or bursts, 1 to 32
     * @param reader takes them; an exception of its own ends the rest
     * @return datagrams or bursts received, or -errno
     */
    public int receive(Lane lane, int most, Inbox.Reader reader) {
        if (inbox.vacant() < most) {
            handOver();
        }
        return inbox.receive(lane.fd, most, reader);
    }

    /** Senders like the present one are reached over the interface that it was heard on, if that matters. */
    public void remember(Lane lane) {
        lane.reachedOver(inbox.scope());
    }

    /**
     * Sends a datagram of three parts at the end of the turn; parameters as of the transport's socket.
     *
     * @param delivery null where nobody hears of the outcome
     * @param owned whether the payload's reference passes to this
     */
    public void send(Lane lane, ByteBuf head, ByteBuf payload, int index, int bytes, int padding, Endpoint to,
            int clientWireBytes, int payloadBytes, Delivery delivery, DropReason failure, boolean owned) {
        if (!outbox.hasRoom()) {
            handOver();
        }
        if (!lane.used) {
            lane.used = true;
            used.add(lane);
        }
        outbox.add(lane, head, payload, index, bytes, padding, to, clientWireBytes, payloadBytes, delivery, failure,
                owned);
    }

    /**
     * Hands everything to the kernel; the turn is over.
     *
     * @throws RuntimeException of a delivery, after everybody was told
     */
    public void flush() {
        handOver();
        outbox.rethrow();
    }

    private void handOver() {
        for (int i = 0; i < used.size(); i++) {
            Lane lane = used.get(i);
            lane.used = false;
            flush(lane);
        }
        used.clear();
        inbox.reuse();
    }

    /** Hands one socket's datagrams to the kernel. */
    public void flush(Lane lane) {
        outbox.flush(lane);
        if (!lane.isClear()) {
            lane.owner.full();
        }
    }

    /** Sends what the kernel has left behind; false if it still cannot take all. */
    public boolean resume(Lane lane) {
        return outbox.resume(lane);
    }

    /** The socket closes: sends what the kernel takes and refuses the rest. */
    public void close(Lane lane) {
        outbox.flush(lane);
        outbox.resume(lane);
        outbox.refuse(lane);
    }
}
