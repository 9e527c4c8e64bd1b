package io.turnpike.node.transport;

import io.netty.channel.DefaultChannelPromise;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;

/**
 * Tells a {@link Delivery} what became of a write. It is the promise that Netty needs for the write anyway, so a packet
 * costs no further object.
 */
final class DeliveryPromise extends DefaultChannelPromise {
    private final RelayLoop loop;
    private final Delivery delivery;
    private final int clientWireBytes;
    private final int payloadBytes;
    private final DropReason failure;

    DeliveryPromise(Outlet outlet, Delivery delivery, int clientWireBytes, int payloadBytes, DropReason failure) {
        super(outlet.channel());
        this.loop = outlet.loop();
        this.delivery = delivery;
        this.clientWireBytes = clientWireBytes;
        this.payloadBytes = payloadBytes;
        this.failure = failure;
    }

    @Override
    public boolean trySuccess(Void result) {
        boolean first = super.trySuccess(result);
        if (first) {
            tell(true);
        }
        return first;
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        boolean first = super.tryFailure(cause);
        if (first) {
            tell(false);
        }
        return first;
    }

    private void tell(boolean sent) {
        if (!loop.isCurrent()) {
            loop.execute(() -> report(sent));
        } else {
            report(sent);
        }
    }

    private void report(boolean sent) {
        if (sent) {
            delivery.delivered(clientWireBytes, payloadBytes);
        } else {
            delivery.refused(clientWireBytes, payloadBytes, failure);
        }
    }
}
