package io.turnpike.node.allocation;

import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationMoved;
import io.turnpike.node.event.AllocationRef;
import io.turnpike.node.event.AllocationRefreshed;
import io.turnpike.node.event.ChannelMade;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.Milestone;
import io.turnpike.node.event.MilestoneReached;
import io.turnpike.node.event.PeerClass;
import io.turnpike.node.event.PeerDenied;
import io.turnpike.node.event.PermissionMade;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.usage.UsageMeter;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** Tells what happens in the life of allocations: the step from state to immutable events. Thread-safe. */
public final class AllocationEvents {
    private final LongAdder leftOut = new LongAdder();
    private final EventSink sink;
    private final Clock wallClock;
    private final Function<InetAddress, PeerClass> peerClasses;

    /**
     * Tells the sink.
     *
     * @param sink takes events, never blocks
     * @param wallClock time of the events
     * @param peerClasses kind of a peer's address, which is sent in place of the address
     */
    public AllocationEvents(EventSink sink, Clock wallClock, Function<InetAddress, PeerClass> peerClasses) {
        this.sink = sink;
        this.wallClock = wallClock;
        this.peerClasses = peerClasses;
    }

    void created(Allocation allocation, Duration lifetime) {
        sink.offer(new AllocationCreated(now(), reference(allocation), allocation.nextEventSeq(),
                allocation.client().fiveTuple().transport(), allocation.relayTransport(), allocation.relayFamily(),
                ClientPrefix.of(allocation.client().fiveTuple().client().getAddress()), allocation.origin().software(),
                lifetime, allocation.origin().sinceFirstRequest()));
    }

    void refreshed(Allocation allocation, Duration lifetime) {
        if (isLeftOut(allocation)) {
            return;
        }
        sink.offer(new AllocationRefreshed(now(), reference(allocation), allocation.nextEventSeq(),
                allocation.client().fiveTuple().transport(), allocation.relayFamily(), lifetime));
    }

    /** The allocation follows its client; the client's leg is the new one already. */
    void moved(Allocation allocation, ClientTransport from) {
        FiveTuple now = allocation.client().fiveTuple();
        sink.offer(new AllocationMoved(now(), reference(allocation), allocation.nextEventSeq(), from, now.transport(),
                allocation.relayFamily(), ClientPrefix.of(now.client().getAddress())));
    }

    void ended(Allocation allocation) {
        sink.offer(new AllocationEnded(now(), reference(allocation), allocation.nextEventSeq(),
                allocation.client().fiveTuple().transport(), allocation.relayFamily(), allocation.endReason(),
                allocation.age()));
    }

    void permissionMade(Allocation allocation, InetAddress peer) {
        sink.offer(
                new PermissionMade(now(), reference(allocation), allocation.nextEventSeq(), peerClasses.apply(peer)));
    }

    void channelMade(Allocation allocation, int number, InetAddress peer) {
        sink.offer(new ChannelMade(now(), reference(allocation), allocation.nextEventSeq(),
                peerClasses.apply(peer), number));
    }

    /** The peer policy refused a permission or a channel with the error code; told so often and no oftener. */
    public void peerDenied(Allocation allocation, InetAddress peer, int errorCode) {
        if (isLeftOut(allocation)) {
            return;
        }
        sink.offer(new PeerDenied(now(), reference(allocation), allocation.nextEventSeq(), peerClasses.apply(peer),
                errorCode));
    }

    void reached(Allocation allocation, Milestone milestone, boolean bothWays) {
        sink.offer(new MilestoneReached(now(), reference(allocation), allocation.nextEventSeq(), milestone,
                allocation.age(), bothWays));
    }

    /** Sends the counters; answers with the instant that the next interval begins at. */
    Instant sampled(Allocation allocation, Instant intervalStart, boolean finalSample) {
        Instant now = now();
        UsageMeter usage = allocation.usage();
        sink.offer(new UsageSampled(now, reference(allocation), allocation.nextEventSeq(), intervalStart,
                usage.clientToRelay(), usage.relayToPeer(), usage.peerToRelay(), usage.relayToClient(),
                allocation.owner().billing(),
                usage.dropsByLabel(), allocation.permissionCount(), finalSample));
        return now;
    }

    /** Events that were left out, because a client repeated what it may ask at will. */
    public long leftOut() {
        return leftOut.sum();
    }

    private boolean isLeftOut(Allocation allocation) {
        if (allocation.mayBeTold()) {
            return false;
        }
        leftOut.increment();
        return true;
    }

    Instant now() {
        return wallClock.instant();
    }

    private static AllocationRef reference(Allocation allocation) {
        return new AllocationRef(allocation.owner().tenantId(), allocation.owner().userId(), allocation.id());
    }
}
