package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.transport.dtls.DtlsSession;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import java.util.Optional;

/**
 * A client on a DTLS association: a message is a record is a datagram (RFC 7350 section 4.5), so nothing is padded and
 * sizes are counted before encryption. Confined to its event loop.
 */
final class DtlsClientLeg implements ClientLeg {
    private final FiveTuple fiveTuple;
    private final Outlet outlet;
    private final DtlsSession session;
    private final Optional<String> tenant;
    private final DropCounts drops;
    private final byte[] scratch;
    private final Runnable onClose;

    /**
     * @param scratch room for a record's plaintext, shared by the loop's associations, used during calls only
     * @param onClose ends the association
     */
    DtlsClientLeg(FiveTuple fiveTuple, Outlet outlet, DtlsSession session, Optional<String> tenant, DropCounts drops,
            byte[] scratch, Runnable onClose) {
        this.fiveTuple = fiveTuple;
        this.outlet = outlet;
        this.session = session;
        this.tenant = tenant;
        this.drops = drops;
        this.scratch = scratch;
        this.onClose = onClose;
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
        return false;
    }

    @Override
    public void sendControl(ByteBuf message) {
        DropReason obstacle = obstacle(message);
        if (obstacle != null) {
            message.release();
            drops.count(obstacle);
        } else if (!write(message, outlet.channel().newPromise())) {
            drops.count(DropReason.CLIENT_SEND_FAILED);
        }
    }

    @Override
    public void sendData(ByteBuf message, int payloadBytes, Delivery delivery) {
        int wireBytes = message.readableBytes();
        DropReason obstacle = obstacle(message);
        if (obstacle != null) {
            message.release();
            delivery.refused(wireBytes, payloadBytes, obstacle);
            return;
        }
        DeliveryPromise promise = new DeliveryPromise(outlet, delivery, wireBytes, payloadBytes,
                DropReason.CLIENT_SEND_FAILED);
        if (!write(message, promise)) {
            delivery.refused(wireBytes, payloadBytes, DropReason.CLIENT_SEND_FAILED);
        }
    }

    private DropReason obstacle(ByteBuf message) {
        if (session.isClosed()) {
            return DropReason.CLIENT_SEND_FAILED;
        }
        if (message.readableBytes() > DtlsSession.MAX_PLAINTEXT_BYTES) {
            return DropReason.OVERSIZED;
        }
        return outlet.isWritable() ? null : DropReason.CLIENT_QUEUE_FULL;
    }

    /** Seals and writes; takes over the buffer. */
    private boolean write(ByteBuf message, ChannelPromise promise) {
        int length = message.readableBytes();
        ByteBuf record;
        if (message.hasArray()) {
            record = session.seal(message.array(), message.arrayOffset() + message.readerIndex(), length);
        } else {
            message.getBytes(message.readerIndex(), scratch, 0, length);
            record = session.seal(scratch, 0, length);
        }
        message.release();
        if (record == null) {
            return false;
        }
        outlet.write(new DatagramPacket(record, fiveTuple.client()), promise);
        return true;
    }

    @Override
    public void pauseReading() {}

    @Override
    public void resumeReading() {}

    @Override
    public void flush() {
        outlet.flush();
    }

    @Override
    public void close() {
        onClose.run();
    }
}
