package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.OtherSockets;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.util.Optional;

/** A client behind a UDP listener. Only an allocation keeps one; for anybody else it lives as long as one datagram. */
final class UdpClientLeg implements ClientLeg {
    private final FiveTuple fiveTuple;
    private final TransportAddress client;
    private final UdpSocket socket;
    private final Optional<DiscoverySockets.Place> place;
    private final DropCounts drops;
    private final Optional<String> tenant;

    /**
     * @param socket the listener's
     * @param place the socket's place among those of NAT behaviour discovery, if it is one of them
     * @param tenant of a user name that names none
     */
    UdpClientLeg(FiveTuple fiveTuple, UdpSocket socket, Optional<DiscoverySockets.Place> place, DropCounts drops,
            Optional<String> tenant) {
        this.fiveTuple = fiveTuple;
        this.client = TransportAddress.of(fiveTuple.client());
        this.socket = socket;
        this.place = place;
        this.drops = drops;
        this.tenant = tenant;
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
    public Optional<OtherSockets> otherSockets() {
        return place.flatMap(one -> one.others(socket.loop(), drops));
    }

    @Override
    public void sendControl(ByteBuf message) {
        // Requests may come faster than answers leave: strangers must not fill the memory with them.
        if (!socket.isWritable()) {
            message.release();
            drops.count(DropReason.CLIENT_QUEUE_FULL);
            return;
        }
        socket.sendControl(message, client);
    }

    @Override
    public void sendData(ByteBuf head, ByteBuf payload, int padding, Delivery delivery) {
        int payloadBytes = payload.readableBytes();
        int wireBytes = head.readableBytes() + payloadBytes + padding;
        if (!socket.isWritable()) {
            delivery.refused(wireBytes, payloadBytes, DropReason.CLIENT_QUEUE_FULL);
            return;
        }
        socket.send(head, payload, payload.readerIndex(), payloadBytes, padding, client, wireBytes, payloadBytes,
                delivery, DropReason.CLIENT_SEND_FAILED);
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
    public void close() {}
}
