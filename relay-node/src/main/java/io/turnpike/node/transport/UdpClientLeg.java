package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.OtherSockets;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import java.util.Optional;

/** A client behind a UDP listener. Only an allocation keeps one; for anybody else it lives as long as one datagram. */
final class UdpClientLeg implements ClientLeg {
    private final FiveTuple fiveTuple;
    private final Outlet outlet;
    private final DropCounts drops;
    private final Optional<String> tenant;

    UdpClientLeg(FiveTuple fiveTuple, Outlet outlet, DropCounts drops, Optional<String> tenant) {
        this.fiveTuple = fiveTuple;
        this.outlet = outlet;
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
        return outlet.others(drops);
    }

    @Override
    public void sendControl(ByteBuf message) {
        // Requests may come faster than answers leave: strangers must not fill the memory with them.
        if (!outlet.isWritable()) {
            message.release();
            drops.count(DropReason.CLIENT_QUEUE_FULL);
            return;
        }
        outlet.write(new DatagramPacket(message, fiveTuple.client()), outlet.channel().newPromise());
    }

    @Override
    public void sendData(ByteBuf message, int payloadBytes, Delivery delivery) {
        int wireBytes = message.readableBytes();
        if (!outlet.isWritable()) {
            message.release();
            delivery.refused(wireBytes, payloadBytes, DropReason.CLIENT_QUEUE_FULL);
            return;
        }
        outlet.write(new DatagramPacket(message, fiveTuple.client()),
                new DeliveryPromise(outlet, delivery, wireBytes, payloadBytes, DropReason.CLIENT_SEND_FAILED));
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
    public void close() {}
}
