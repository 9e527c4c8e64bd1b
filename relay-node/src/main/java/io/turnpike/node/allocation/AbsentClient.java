package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.usage.DropReason;

/**
 * Stands where the leg of a movable allocation was while its client has no connection (RFC 8016 section 1): what peers send
 * meanwhile is dropped and counted.
 *
 * @param fiveTuple the last one
 */
record AbsentClient(FiveTuple fiveTuple) implements ClientLeg {
    @Override
    public boolean isStream() {
        return false;
    }

    @Override
    public void sendControl(ByteBuf message) {
        message.release();
    }

    @Override
    public void sendData(ByteBuf head, ByteBuf payload, int padding, Delivery delivery) {
        int payloadBytes = payload.readableBytes();
        delivery.refused(head.readableBytes() + payloadBytes + padding, payloadBytes, DropReason.CLIENT_ABSENT);
    }

    @Override
    public void pauseReading() {}

    @Override
    public void resumeReading() {}

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
