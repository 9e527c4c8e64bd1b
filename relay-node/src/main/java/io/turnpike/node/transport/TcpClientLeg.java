package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.ByteStream;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.config.StreamConfig;
import io.turnpike.node.usage.DropReason;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A client on a stream, over TCP or TLS. Data for a client that reads slowly waits in a {@link ClientQueue}; what waits
 * too long is dropped, as a datagram would be (RFC 8656 section 3.1). Answers are never dropped, and pass waiting data:
 * instead, a client that leaves its answers unread is not read either. Confined to its event loop.
 */
final class TcpClientLeg implements ClientLeg {
    private static final int MOST_ANSWER_BYTES = 64 * 1024;

    private final FiveTuple fiveTuple;
    private final Outlet outlet;
    private final Connection connection;
    private final Optional<String> tenant;
    private final ClientQueue queue;
    private int unsentAnswerBytes;
    private boolean peerFull;
    private boolean expiryScheduled;
    private boolean closed;
    private boolean heldBack;
    private boolean raw;

    /** What the connection's handler does for its leg. */
    interface Connection {
        void holdBack();

        void readOn();

        /** Messages that were read already need not wait any more. */
        void goOn();

        void becomeStream(int loop, ByteStream.Receiver receiver);
    }

    TcpClientLeg(FiveTuple fiveTuple, Outlet outlet, Connection connection, Optional<String> tenant,
            StreamConfig config) {
        this.fiveTuple = fiveTuple;
        this.outlet = outlet;
        this.connection = connection;
        this.tenant = tenant;
        queue = new ClientQueue(config.queueTime().toNanos(), config.queueBytes());
    }

    @Override
    public FiveTuple fiveTuple() {
        return fiveTuple;
    }

    @Override
    public Optional<String> defaultTenant() {
        return tenant;
    }

    @Override
    public boolean isStream() {
        return true;
    }

    @Override
    public void sendControl(ByteBuf message) {
        int bytes = message.readableBytes();
        unsentAnswerBytes += bytes;
        outlet.write(message, outlet.channel().newPromise().addListener(sent -> {
            unsentAnswerBytes -= bytes;
            updateReading();
        }));
        updateReading();
    }

    @Override
    public void sendData(ByteBuf head, ByteBuf payload, int padding, Delivery delivery) {
        int payloadBytes = payload.readableBytes();
        if (closed) {
            delivery.refused(head.readableBytes() + payloadBytes + padding, payloadBytes,
                    DropReason.CLIENT_SEND_FAILED);
            return;
        }
        ByteBuf message = ClientLeg.joined(head, payload, padding);
        if (queue.isEmpty() && outlet.isWritable()) {
            write(message, payloadBytes, delivery);
        } else {
            queue.add(message, payloadBytes, delivery, outlet.loop().nanoTime());
            scheduleExpiry();
        }
    }

    private void write(ByteBuf message, int payloadBytes, Delivery delivery) {
        int wireBytes = message.readableBytes();
        outlet.write(message,
                new DeliveryPromise(outlet, delivery, wireBytes, payloadBytes, DropReason.CLIENT_SEND_FAILED));
    }

    /** A stalled client is found out also when no more data comes for it. */
    private void scheduleExpiry() {
        if (!expiryScheduled && !queue.isEmpty()) {
            expiryScheduled = true;
            outlet.loop().eventLoop().schedule(() -> {
                expiryScheduled = false;
                queue.dropStale(outlet.loop().nanoTime());
                scheduleExpiry();
            }, queue.nanosLeft(outlet.loop().nanoTime()), TimeUnit.NANOSECONDS);
        }
    }

    /** Whether data waits until the connection takes bytes again. */
    boolean hasWaiting() {
        return !queue.isEmpty();
    }

    /** The connection takes bytes again. */
    void writableAgain() {
        queue.dropStale(outlet.loop().nanoTime());
        boolean written = false;
        while (!queue.isEmpty() && outlet.channel().isWritable()) {
            ClientQueue.Waiting next = queue.take();
            write(next.message(), next.payloadBytes(), next.delivery());
            written = true;
        }
        if (written) {
            outlet.flush();
        }
    }

    /** The connection is gone. */
    void closed() {
        closed = true;
        queue.dropAll();
    }

    @Override
    public void pauseReading() {
        peerFull = true;
        updateReading();
    }

    @Override
    public void resumeReading() {
        boolean wasPaused = peerFull;
        peerFull = false;
        updateReading();
        if (wasPaused) {
            connection.goOn();
        }
    }

    /** Whether messages of the client must wait, also those that were read already. */
    boolean isPaused() {
        return peerFull;
    }

    @Override
    public void holdBack() {
        heldBack = true;
        updateReading();
        connection.holdBack();
    }

    @Override
    public void readOn() {
        heldBack = false;
        updateReading();
        connection.readOn();
    }

    @Override
    public void becomeStream(int loop, ByteStream.Receiver receiver) {
        raw = true;
        outlet.flush();
        connection.becomeStream(loop, receiver);
    }

    /** Reads while neither the peer's side is full nor the client leaves its answers unread. */
    private void updateReading() {
        if (!raw && outlet.channel().isActive()) {
            outlet.channel().config()
                    .setAutoRead(!peerFull && !heldBack && unsentAnswerBytes < MOST_ANSWER_BYTES);
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
