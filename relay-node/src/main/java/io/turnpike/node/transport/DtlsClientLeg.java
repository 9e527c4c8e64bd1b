package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.transport.dtls.DtlsSession;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.util.Arrays;
import java.util.Optional;

/**
 * A client on a DTLS association: a message is a record is a datagram (RFC 7350 section 4.5), so nothing is padded and
 * sizes are counted before encryption. Confined to its event loop.
 */
final class DtlsClientLeg implements ClientLeg {
    private final FiveTuple fiveTuple;
    private final TransportAddress client;
    private final UdpSocket socket;
    private final DtlsSession session;
    private final Optional<String> tenant;
    private final DropCounts drops;
    private final byte[] scratch;
    private final Runnable onClose;

    /**
     * @param scratch room for a record's plaintext, shared by the loop's associations, used during calls only
     * @param onClose ends the association
     */
    DtlsClientLeg(FiveTuple fiveTuple, UdpSocket socket, DtlsSession session, Optional<String> tenant, DropCounts drops,
            byte[] scratch, Runnable onClose) {
        this.fiveTuple = fiveTuple;
        client = TransportAddress.of(fiveTuple.client());
        this.socket = socket;
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
        int bytes = message.readableBytes();
        DropReason obstacle = obstacle(bytes);
        if (obstacle == null) {
            message.getBytes(message.readerIndex(), scratch, 0, bytes);
            ByteBuf record = session.seal(scratch, 0, bytes);
            if (record == null) {
                obstacle = DropReason.CLIENT_SEND_FAILED;
            } else {
                socket.sendControl(record, client);
            }
        }
        message.release();
        if (obstacle != null) {
            drops.count(obstacle);
        }
    }

    @Override
    public void sendData(ByteBuf head, ByteBuf payload, int padding, Delivery delivery) {
        int headBytes = head.readableBytes();
        int payloadBytes = payload.readableBytes();
        int wireBytes = headBytes + payloadBytes + padding;
        DropReason obstacle = obstacle(wireBytes);
        if (obstacle != null) {
            delivery.refused(wireBytes, payloadBytes, obstacle);
            return;
        }
        head.getBytes(head.readerIndex(), scratch, 0, headBytes);
        payload.getBytes(payload.readerIndex(), scratch, headBytes, payloadBytes);
        Arrays.fill(scratch, headBytes + payloadBytes, wireBytes, (byte) 0);
        ByteBuf record = session.seal(scratch, 0, wireBytes);
        if (record == null) {
            delivery.refused(wireBytes, payloadBytes, DropReason.CLIENT_SEND_FAILED);
            return;
        }
        socket.send(Unpooled.EMPTY_BUFFER, record, record.readerIndex(), record.readableBytes(), 0, client, wireBytes,
                payloadBytes, delivery, DropReason.CLIENT_SEND_FAILED);
        record.release();
    }

    private DropReason obstacle(int wireBytes) {
        if (session.isClosed()) {
            return DropReason.CLIENT_SEND_FAILED;
        }
        if (wireBytes > DtlsSession.MAX_PLAINTEXT_BYTES) {
            return DropReason.OVERSIZED;
        }
        return socket.isWritable() ? null : DropReason.CLIENT_QUEUE_FULL;
    }

    @Override
    public void pauseReading() {}

    @Override
    public void resumeReading() {}

    @Override
    public void flush() {
        socket.flush();
    }

    @Override
    public void close() {
        onClose.run();
    }
}
