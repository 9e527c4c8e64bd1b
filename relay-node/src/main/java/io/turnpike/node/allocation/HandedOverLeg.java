package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.usage.DropReason;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The way back to a {@link Guest} for the loop that owns its allocation: each step is a message to the loop that the client
 * arrives on, and the outcome of each piece of data comes back as one, so that figures stay exact. What is on its way is
 * bounded. Confined to the owner's loop.
 */
final class HandedOverLeg implements ClientLeg {
    private static final int MOST_BYTES_WAITING = 1024 * 1024;

    private final Guest guest;
    private final int home;
    private final Siblings siblings;
    private final AtomicInteger bytesWaiting = new AtomicInteger();

    /**
     * Reaches a guest.
     *
     * @param guest the client's leg on its own loop
     * @param home number of that loop
     * @param siblings of the loop that owns the allocation
     */
    HandedOverLeg(Guest guest, int home, Siblings siblings) {
        this.guest = guest;
        this.home = home;
        this.siblings = siblings;
    }

    boolean leadsTo(Guest other) {
        return guest == other;
    }

    /** The guest is no guest of this allocation any more. */
    void leave() {
        siblings.tell(home, table -> table.guests().leave(guest));
    }

    @Override
    public FiveTuple fiveTuple() {
        return guest.leg().fiveTuple();
    }

    @Override
    public boolean isStream() {
        return guest.leg().isStream();
    }

    @Override
    public Optional<String> defaultTenant() {
        return guest.leg().defaultTenant();
    }

    @Override
    public void sendControl(ByteBuf message) {
        if (!siblings.tell(home, table -> guest.leg().sendControl(message))) {
            message.release();
        }
    }

    @Override
    public void sendData(ByteBuf head, ByteBuf payload, int padding, Delivery delivery) {
        int headBytes = head.readableBytes();
        int payloadBytes = payload.readableBytes();
        int wireBytes = headBytes + payloadBytes + padding;
        int cost = wireBytes + Guest.MESSAGE_BYTES;
        if (bytesWaiting.get() + cost > MOST_BYTES_WAITING) {
            delivery.refused(wireBytes, payloadBytes, DropReason.CLIENT_QUEUE_FULL);
            return;
        }
        bytesWaiting.addAndGet(cost);
        ByteBuf message = ClientLeg.joined(head, payload, 0);
        if (!siblings.tell(home, table -> {
            guest.leg().sendData(message.slice(0, headBytes), message.slice(headBytes, payloadBytes), padding,
                    new Return(table.siblings(), siblings.own(), delivery));
            message.release();
        })) {
            message.release();
            bytesWaiting.addAndGet(-cost);
            delivery.refused(wireBytes, payloadBytes, DropReason.CLIENT_SEND_FAILED);
        }
    }

    @Override
    public void pauseReading() {
        siblings.tell(home, table -> guest.peerFull(true));
    }

    @Override
    public void resumeReading() {
        siblings.tell(home, table -> guest.peerFull(false));
    }

    @Override
    public void flush() {
        siblings.tell(home, table -> guest.leg().flush());
    }

    @Override
    public void close() {
        siblings.tell(home, table -> guest.leg().close());
    }

    /** Carries the outcome back to the allocation's loop. */
    private final class Return implements Delivery {
        private final Siblings ofHome;
        private final int host;
        private final Delivery delivery;

        Return(Siblings ofHome, int host, Delivery delivery) {
            this.ofHome = ofHome;
            this.host = host;
            this.delivery = delivery;
        }

        @Override
        public void delivered(int clientWireBytes, int payloadBytes) {
            bytesWaiting.addAndGet(-clientWireBytes - Guest.MESSAGE_BYTES);
            ofHome.tell(host, table -> delivery.delivered(clientWireBytes, payloadBytes));
        }

        @Override
        public void refused(int clientWireBytes, int payloadBytes, DropReason reason) {
            bytesWaiting.addAndGet(-clientWireBytes - Guest.MESSAGE_BYTES);
            ofHome.tell(host, table -> delivery.refused(clientWireBytes, payloadBytes, reason));
        }
    }
}
