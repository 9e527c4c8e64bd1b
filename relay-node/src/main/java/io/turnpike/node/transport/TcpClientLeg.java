package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.usage.DropReason;

/**
 * A client on a stream. Data for a client that reads slowly waits in a bounded queue; what does not fit is dropped, as a
 * datagram would be (RFC 8656 section 3.1).
 */
final class TcpClientLeg implements ClientLeg {
    private final FiveTuple fiveTuple;
    private final Outlet outlet;
    private boolean peerFull;
    private boolean answersFull;

    TcpClientLeg(FiveTuple fiveTuple, Outlet outlet) {
        this.fiveTuple = fiveTuple;
        this.outlet = outlet;
    }

    @Override
    public FiveTuple fiveTuple() {
        return fiveTuple;
    }

    @Override
    public boolean isStream() {
        return true;
    }

    @Override
    public void sendControl(ByteBuf message) {
        outlet.write(message, outlet.channel().newPromise());
        if (!outlet.isWritable()) {
            answersFull = true;
            updateReading();
        }
    }

    @Override
    public void sendData(ByteBuf message, int payloadBytes, Delivery delivery) {
        int wireBytes = message.readableBytes();
        if (!outlet.isWritable()) {
            message.release();
            delivery.refused(wireBytes, payloadBytes, DropReason.CLIENT_QUEUE_FULL);
            return;
        }
        outlet.write(message,
                new DeliveryPromise(outlet, delivery, wireBytes, payloadBytes, DropReason.CLIENT_SEND_FAILED));
    }

    @Override
    public void pauseReading() {
        peerFull = true;
        updateReading();
    }

    @Override
    public void resumeReading() {
        peerFull = false;
        updateReading();
    }

    /** The client's own queue has drained. */
    void writableAgain() {
        answersFull = false;
        updateReading();
    }

    /** Reads while neither the peer's side is full nor the client leaves its answers unread. */
    private void updateReading() {
        if (outlet.channel().isActive()) {
            outlet.channel().config().setAutoRead(!peerFull && !answersFull);
        }
    }

    @Override
    public void flush() {
        outlet.flush();
    }

    @Override
    public void close() {
        outlet.flush();
        outlet.channel().close();
    }
}
