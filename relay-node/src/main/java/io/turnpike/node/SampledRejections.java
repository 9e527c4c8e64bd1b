package io.turnpike.node;

import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.turn.RejectionSampling;

/**
 * Leaves out most events of refused Allocates of a user who repeats them, so that they push nothing else out of the
 * buffer. Stands behind {@link MeteredEvents}, which counts them all. Thread-safe.
 */
final class SampledRejections implements EventSink {
    private final EventSink next;
    private final RejectionSampling sampling;

    SampledRejections(EventSink next, RejectionSampling sampling) {
        this.next = next;
        this.sampling = sampling;
    }

    @Override
    public void offer(RelayEvent event) {
        if (!(event instanceof AllocationRejected rejected)
                || sampling.admit(rejected.tenantId(), rejected.userId())) {
            next.offer(event);
        }
    }
}
