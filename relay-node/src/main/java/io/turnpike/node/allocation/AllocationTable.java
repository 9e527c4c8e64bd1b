package io.turnpike.node.allocation;

import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.quota.Allowance;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.TokenRate;
import io.turnpike.node.usage.UsageTotals;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.AddressMap;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The allocations of one event loop, from creation to the final figures. Nothing in it is shared: an allocation lives and
 * dies on its loop.
 */
public final class AllocationTable {
    /** RFC 8656 section 9. */
    public static final Duration PERMISSION_LIFETIME = Duration.ofSeconds(300);
    /** RFC 8656 section 12. */
    public static final Duration CHANNEL_LIFETIME = Duration.ofSeconds(600);

    private final Map<Listening, AddressMap<Allocation>> byListener = new HashMap<>();
    /** Every live allocation once, in no order: each knows its place. */
    private final List<Allocation> live = new ArrayList<>();
    /** Out of the table, but a socket still holds data of theirs whose fate counts. */
    private final Set<Allocation> unsettled = new HashSet<>();
    private final AllocationIds ids;
    private final ExpiryWheel wheel;
    private final LongSupplier nanoClock;
    private final LongSupplier turnClock;
    private final AddressCursor cursor = new AddressCursor();
    private final RelayedTransports relayedTransports;
    private final AllocationEvents events;
    private final SampleIntervals intervals;
    private final AllocationLimits limits;
    private final TokenRate newPeers;
    private final DropCounts drops;
    private final PeerData peerData;
    private final PeerConnections connections;
    private final Siblings siblings;
    private final Standing standing;
    private final Mobility mobility;
    private final Guests guests = new Guests();
    private final UsageTotals totals = new UsageTotals();
    private boolean stopping;
    private volatile int size;
    private volatile int permissions;
    private volatile int channels;

    private record Listening(ClientTransport transport, InetSocketAddress server) {
        /** UDP listeners are few and look their clients up in one map all the time. */
        boolean isLasting() {
            return transport == ClientTransport.UDP;
        }
    }

    /**
     * How often usage is sampled.
     *
     * @param active while bytes move
     * @param idle otherwise
     */
    public record SampleIntervals(Duration active, Duration idle) {
        /** Refuses intervals that the configuration does not allow. */
        public SampleIntervals {
            if (active.compareTo(idle) > 0 || active.isZero() || active.isNegative()) {
                throw new IllegalArgumentException("usage.active-interval must be positive and at most"
                        + " usage.idle-interval: " + active + ", " + idle);
            }
        }
    }

    /**
     * Makes an empty table.
     *
     * @param ids names allocations over the whole node
     * @param wheel this loop's deadlines
     * @param nanoClock monotonic clock
     * @param turnClock the same, read once for each turn of the loop
     * @param relayedTransports opens relay sockets on this loop
     * @param events tells what happens
     * @param intervals how often usage is sampled
     * @param limits what one allocation may hold
     * @param drops this loop's drop counters
     * @param peerData takes what peers send
     * @param connections this loop's connections to peers
     * @param siblings reaches the other loops
     * @param standing says who may have allocations
     * @param tickets makes mobility tickets; empty where allocations may not move
     */
    public AllocationTable(AllocationIds ids, ExpiryWheel wheel, LongSupplier nanoClock, LongSupplier turnClock,
            RelayedTransports relayedTransports, AllocationEvents events, SampleIntervals intervals,
            AllocationLimits limits, DropCounts drops, PeerData peerData, PeerConnections connections,
            Siblings siblings, Standing standing, Optional<MobilityTickets> tickets) {
        this.ids = ids;
        this.wheel = wheel;
        this.nanoClock = nanoClock;
        this.turnClock = turnClock;
        this.relayedTransports = relayedTransports;
        this.events = events;
        this.intervals = intervals;
        this.limits = limits;
        newPeers = new TokenRate(limits.newPeersPerSecond(), limits.newPeersAtOnce());
        this.drops = drops;
        this.peerData = peerData;
        this.connections = connections;
        this.siblings = siblings;
        this.standing = standing;
        mobility = new Mobility(this, tickets);
    }

    /** Moves allocations to other five-tuples. */
    public Mobility mobility() {
        return mobility;
    }

    /** Five-tuples that arrive here and belong to other loops' allocations. */
    public Guests guests() {
        return guests;
    }

    /** The other loops. */
    public Siblings siblings() {
        return siblings;
    }

    /** Makes the leg of a guest of another loop usable on this one. */
    public ClientLeg legOf(Guest guest, int home) {
        return new HandedOverLeg(guest, home, siblings);
    }

    /** A client's connection is gone, on the loop that it arrived on. */
    public void disconnected(ClientLeg leg) {
        Guest guest = guests.find(leg.fiveTuple());
        if (guest != null && guest.leg() == leg) {
            guests.leave(guest);
            siblings.tell(guest.host(), host -> host.guestLost(guest));
            return;
        }
        Allocation allocation = find(leg.fiveTuple());
        if (allocation != null && allocation.movement() == null) {
            // RFC 8656 section 3.1.
            end(allocation, EndReason.TRANSPORT_CLOSED);
        } else if (allocation != null) {
            mobility.lost(allocation, leg);
        }
    }

    private void guestLost(Guest guest) {
        Allocation allocation = find(guest);
        if (allocation != null) {
            mobility.lost(allocation, allocation.legOf(guest));
        }
    }

    /** The allocation of another loop's guest, or null. */
    public Allocation find(Guest guest) {
        Allocation allocation = find(guest.leg().fiveTuple());
        return allocation != null && allocation.legOf(guest) != null ? allocation : null;
    }

    void enter(ClientLeg leg, Allocation allocation) {
        FiveTuple fiveTuple = leg.fiveTuple();
        clients(fiveTuple.transport(), fiveTuple.server()).put(TransportAddress.of(fiveTuple.client()), allocation);
    }

    void leave(ClientLeg leg, Allocation allocation) {
        FiveTuple fiveTuple = leg.fiveTuple();
        Listening listening = new Listening(fiveTuple.transport(), fiveTuple.server());
        AddressMap<Allocation> clients = byListener.get(listening);
        TransportAddress client = TransportAddress.of(fiveTuple.client());
        if (clients == null || clients.get(client) != allocation) {
            return;
        }
        clients.remove(client);
        if (clients.isEmpty() && !listening.isLasting()) {
            byListener.remove(listening);
        }
    }

    /** The allocation of a five-tuple, or null. */
    public Allocation find(FiveTuple fiveTuple) {
        // A proxy may name any server address, so that asking must not make an entry.
        AddressMap<Allocation> clients = byListener.get(new Listening(fiveTuple.transport(), fiveTuple.server()));
        return clients == null ? null : clients.get(TransportAddress.of(fiveTuple.client()));
    }

    /**
     * The live view of one listener's allocations by client address, so that a datagram is looked up without making a
     * five-tuple. A UDP listener's lasts as long as the table. To be read only.
     */
    public AddressMap<Allocation> clients(ClientTransport transport, InetSocketAddress server) {
        return byListener.computeIfAbsent(new Listening(transport, server), key -> new AddressMap<>());
    }

    /** Live allocations; may be read from any thread. */
    public int size() {
        return size;
    }

    /** Whether this node makes TCP allocations (RFC 6062). */
    public boolean relaysTcp() {
        return connections.limits().maxConnections() > 0;
    }

    /** Whether this node relays on the family. */
    public boolean supports(AddressFamily family) {
        return relayedTransports.supports(family);
    }

    /** Whether datagrams to peers can have the DF bit (RFC 8656 section 18.9). */
    public boolean canSetDontFragment() {
        return relayedTransports.canSetDontFragment();
    }

    /**
     * Makes an allocation with its relay sockets.
     *
     * @param client the client's leg, whose five-tuple has no allocation yet
     * @param owner who it belongs to
     * @param plan which relayed addresses
     * @param lifetime time to expiry
     * @param allowance credit; closed by the allocation's end
     * @param origin the request
     * @return empty if no port or socket can be had, the owner may have none any more, or the node stops; the allowance is
     *         then closed
     */
    public Optional<Allocation> create(ClientLeg client, AllocationOwner owner, RelayPlan plan, Duration lifetime,
            Allowance allowance, AllocationOrigin origin) {
        // The owner was authenticated earlier; a review that has passed since does not come again for this one.
        if (stopping || objection(owner).isPresent()) {
            allowance.close();
            return Optional.empty();
        }
        long now = nanoTime();
        Allocation allocation = new Allocation(ids.next(), owner, client, plan.transport(), allowance, origin,
                this, now);
        RelayedTransports.Opened opened = relayedTransports.open(plan, owner.account(), allocation);
        if (opened.transports().isEmpty()) {
            allowance.close();
            return Optional.empty();
        }
        List<InetSocketAddress> relayed = new ArrayList<>(opened.transports().size());
        for (RelayedTransport transport : opened.transports()) {
            relayed.add(transport.address());
            scheduleAfter(transport, lifetime);
        }
        allocation.open(new AllocationGrant(relayed, lifetime, opened.token(), opened.missing()), opened.transports());
        if (origin.movable()) {
            mobility.began(allocation);
        }
        enter(client, allocation);
        allocation.placeAt(live.size());
        live.add(allocation);
        size++;
        allocation.holdsUnder(owner);
        events.created(allocation, lifetime);
        allocation.sampling().schedule(now);
        return Optional.of(allocation);
    }

    /**
     * Extends the relayed addresses of the family, or all of them (RFC 8656 section 8.2).
     *
     * @param by the owner, with the credential of the Refresh
     */
    public void refresh(Allocation allocation, Optional<AddressFamily> family, Duration lifetime, AllocationOwner by) {
        allocation.holdsUnder(by);
        for (RelayedTransport transport : allocation.transports()) {
            if (family.isEmpty() || family.get() == transport.family()) {
                scheduleAfter(transport, lifetime);
            }
        }
        events.refreshed(allocation, lifetime);
    }

    /** Deletes the relayed address of the family, or all of them; with the last one the allocation ends. */
    public void release(Allocation allocation, Optional<AddressFamily> family, EndReason reason) {
        for (RelayedTransport transport : List.copyOf(allocation.transports())) {
            if (family.isPresent() && family.get() == transport.family() && allocation.transports().size() > 1) {
                allocation.closeTransport(transport);
                return;
            }
        }
        end(allocation, reason);
    }

    /** Ends an allocation: its final sample and event go out when the sockets have told the fate of all data. */
    public void end(Allocation allocation, EndReason reason) {
        if (allocation.isEnded()) {
            return;
        }
        mobility.ended(allocation);
        Allocation last = live.remove(live.size() - 1);
        if (last != allocation) {
            live.set(allocation.place(), last);
            last.placeAt(allocation.place());
        }
        size--;
        allocation.endedFor(reason);
        unsettled.add(allocation);
        allocation.stop();
        if (allocation.isSettled()) {
            finish(allocation);
        }
    }

    /** Ends the allocations that live now; new ones can still be made. */
    public void endLive(EndReason reason) {
        List.copyOf(live).forEach(allocation -> end(allocation, reason));
    }

    /** Why the owner may have no allocations now; empty if he may. */
    public Optional<Standing.Objection> objection(AllocationOwner owner) {
        return standing.objection(owner);
    }

    /** The allocations that live now; an end puts the last one in the place of the one that ended. To be read only. */
    List<Allocation> live() {
        return live;
    }

    /** Ends every allocation and makes no more: an admission that comes now must not make one that nobody ends. */
    public void endAll(EndReason reason) {
        stopping = true;
        relayedTransports.releaseReservations();
        endLive(reason);
    }

    /** Sends the final figures of ended allocations whose last data still waits in a socket; for the node's stop. */
    public void finishUnsettled() {
        List.copyOf(unsettled).forEach(this::finish);
    }

    /** Runs out what is due; called by the loop's tick. */
    public void advance() {
        wheel.advance(nanoTime());
        relayedTransports.expireReservations();
    }

    void finish(Allocation allocation) {
        if (!unsettled.remove(allocation)) {
            return;
        }
        Sampling sampling = allocation.sampling();
        wheel.cancel(sampling);
        allocation.giveBackCredit();
        events.sampled(allocation, sampling.intervalStart(), true);
        events.ended(allocation);
    }

    void scheduleAfter(Expiring entry, Duration lifetime) {
        wheel.schedule(entry, nanoTime() + lifetime.toNanos());
    }

    ExpiryWheel wheel() {
        return wheel;
    }

    /** The wall clock, in which credentials end. */
    public Instant now() {
        return events.now();
    }

    /** The monotonic clock as it was when the loop's turn began: read once, however many packets a turn has. */
    long turnNanos() {
        return turnClock.getAsLong();
    }

    /** Points at whatever is looked up; another's after the next call. */
    AddressCursor cursor() {
        return cursor;
    }

    long nanoTime() {
        return nanoClock.getAsLong();
    }

    AllocationEvents events() {
        return events;
    }

    /** Live permissions of this loop; may be read from any thread. */
    public int permissions() {
        return permissions;
    }

    /** Live channel bindings of this loop; may be read from any thread. */
    public int channels() {
        return channels;
    }

    void permissionsChanged(int difference) {
        permissions += difference;
    }

    void channelsChanged(int difference) {
        channels += difference;
    }

    /** What this loop relayed; may be read from any thread. */
    public UsageTotals totals() {
        return totals;
    }

    AllocationLimits limits() {
        return limits;
    }

    /** What one allocation may add: one rate for all, of which each keeps its own state. */
    TokenRate newPeers() {
        return newPeers;
    }

    SampleIntervals intervals() {
        return intervals;
    }

    DropCounts drops() {
        return drops;
    }

    /** The connections to peers of this loop's TCP allocations. */
    public PeerConnections connections() {
        return connections;
    }

    PeerData peerData() {
        return peerData;
    }
}
