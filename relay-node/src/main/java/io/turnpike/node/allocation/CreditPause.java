package io.turnpike.node.allocation;

/**
 * Time in which a stream client that has spent its credit, or is faster than a rate, is not read: TCP slows its sender down, and whole messages that
 * were read already are dropped, never parts. Confined to the allocation's event loop.
 */
final class CreditPause extends Expiring {
    private final Allocation allocation;
    private boolean running;

    CreditPause(Allocation allocation) {
        this.allocation = allocation;
    }

    /**
     * Begins, unless it has begun.
     *
     * @param paced whether it is only a rate that holds the client up
     */
    void begin(boolean paced) {
        if (!running) {
            running = true;
            allocation.client().pauseReading();
            allocation.scheduleAfter(this, paced ? StreamPipe.NEXT_TICK : StreamPipe.CREDIT_RETRY);
        }
    }

    @Override
    protected void expired(long nowNanos) {
        running = false;
        allocation.client().resumeReading();
    }
}
