package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.RelayFamily;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.quota.Allowance;
import io.turnpike.node.usage.DropReason;
import io.turnpike.node.usage.TokenRate;
import io.turnpike.node.usage.UsageMeter;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.Octets;
import io.turnpike.stun.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * One client's relay: its relayed transport addresses, permissions, channels, credit and counters (RFC 8656 sections 3.2
 * and 5). Confined to the event loop of its five-tuple, from creation to the last figure.
 */
public final class Allocation implements RelayedTransports.Receiver {
    private static final TokenRate TELLINGS = new TokenRate(5, 20);

    private final String id;
    private final AllocationOwner owner;
    private final AllocationOrigin origin;
    private final AllocationTable table;
    private final long createdNanos;
    private final Metering metering;
    private final Permissions permissions;
    private final Channels channels;
    private final RelayTransport relayTransport;
    /** Null unless it relays TCP. */
    private final TcpPeers tcpPeers;
    private final Sampling sampling;
    private List<RelayedTransport> transports = List.of();
    /** State of {@link AllocationTable#newPeers}. */
    private long newPeersNanos;
    /** State of {@link #TELLINGS}. */
    private long tellingsNanos;
    private AllocationOwner refreshedBy;
    private CredentialDeadline credentialDeadline;
    private ClientLeg client;
    private Movement movement;
    private AllocationGrant grant;
    private int eventSeq;
    private int place;
    private EndReason endReason;
    /** Null until a stream client has sent more than its credit covers. */
    private CreditPause creditPause;

    Allocation(String id, AllocationOwner owner, ClientLeg client, RelayTransport relayTransport, Allowance allowance,
            AllocationOrigin origin, AllocationTable table, long createdNanos) {
        this.id = id;
        this.owner = owner;
        this.refreshedBy = owner;
        this.client = client;
        this.metering = new Metering(this, table, allowance);
        this.origin = origin;
        this.table = table;
        this.createdNanos = createdNanos;
        permissions = new Permissions(this, table);
        channels = new Channels(this, table);
        newPeersNanos = createdNanos;
        tellingsNanos = createdNanos;
        this.relayTransport = relayTransport;
        tcpPeers = relayTransport == RelayTransport.TCP ? new TcpPeers(this, table.connections()) : null;
        sampling = new Sampling(this, table, createdNanos);
    }

    void open(AllocationGrant answered, List<RelayedTransport> opened) {
        grant = answered;
        opened.forEach(transport -> transport.belongsTo(this));
        transports = List.copyOf(opened);
    }

    /** {@code nodeId-epoch-counter}. */
    public String id() {
        return id;
    }

    /** Who made it. */
    public AllocationOwner owner() {
        return owner;
    }

    /** Who made or last refreshed it: the owner, with the credential that holds now. */
    public AllocationOwner refreshedBy() {
        return refreshedBy;
    }

    /** Lets the credential's deadline replace that of the one before. */
    void holdsUnder(AllocationOwner who) {
        refreshedBy = who;
        if (who.credentialDeadline().isEmpty()) {
            forgetDeadline();
            return;
        }
        if (credentialDeadline == null) {
            credentialDeadline = new CredentialDeadline(table, this);
        }
        Duration left = Duration.between(table.now(), Instant.ofEpochSecond(who.credentialDeadline().getAsLong()));
        table.scheduleAfter(credentialDeadline,
                left.compareTo(CredentialDeadline.FARTHEST) < 0 ? left : CredentialDeadline.FARTHEST);
    }

    private void forgetDeadline() {
        if (credentialDeadline != null) {
            table.wheel().cancel(credentialDeadline);
            credentialDeadline = null;
        }
    }

    /** The way back to the client. */
    public ClientLeg client() {
        return client;
    }

    /** The leg that a message came on: the client's, or the one that it moves to (RFC 8016 section 3.2). */
    public ClientLeg legFrom(ClientTransport transport, AddressCursor address, InetSocketAddress server) {
        if (movement == null || movement.candidate() == null) {
            return client;
        }
        FiveTuple next = movement.candidate().fiveTuple();
        return next.transport() == transport && next.client().equals(address.socketAddress())
                && next.server().equals(server)
                        ? movement.candidate()
                        : client;
    }

    /** The leg that leads to a guest of another loop, or null. */
    public ClientLeg legOf(Guest guest) {
        if (client instanceof HandedOverLeg leg && leg.leadsTo(guest)) {
            return client;
        }
        return movement != null && movement.candidate() instanceof HandedOverLeg leg && leg.leadsTo(guest)
                ? movement.candidate()
                : null;
    }

    /** Data or an authenticated request of the client arrived on a leg: if it has moved there, the old one is given up. */
    public void heardOn(ClientLeg leg) {
        if (movement != null) {
            table.mobility().heard(this, leg);
        }
    }

    /** The ticket to move with, if the client asked for one. */
    public Optional<Octets> mobilityTicket() {
        return Optional.ofNullable(movement).map(Movement::ticket);
    }

    /** How it moves, or null if it does not. */
    Movement movement() {
        return movement;
    }

    void movable(Movement how) {
        movement = how;
    }

    void movedTo(ClientLeg leg) {
        client = leg;
    }

    /** The counters. */
    public UsageMeter usage() {
        return metering.usage();
    }

    /** The request that made it. */
    public AllocationOrigin origin() {
        return origin;
    }

    /** What the Allocate was answered with. */
    public AllocationGrant grant() {
        return grant;
    }

    /** Protocol between its relayed transport addresses and peers. */
    public RelayTransport relayTransport() {
        return relayTransport;
    }

    /** Its connections to peers; only where it relays TCP. */
    public TcpPeers tcpPeers() {
        return tcpPeers;
    }

    /** Live relayed transport addresses. */
    public List<RelayedTransport> transports() {
        return transports;
    }

    /** The relayed transport address of a family, or null. */
    public RelayedTransport transport(AddressFamily family) {
        for (int i = 0; i < transports.size(); i++) {
            if (transports.get(i).family() == family) {
                return transports.get(i);
            }
        }
        return null;
    }

    /** Live permissions. */
    public int permissionCount() {
        return permissions.size();
    }

    /** As the other, for the path of a packet. */
    public boolean permits(Endpoint peer) {
        return permissions.permits(peer);
    }

    /** Whether data may pass to and from the peer now (RFC 8656 section 9). */
    public boolean permits(InetAddress peer) {
        return permissions.permits(peer);
    }

    /**
     * Whether permissions for these peers can be remembered; new ones are taken off what the allocation may add, so ask
     * last.
     */
    public boolean admits(Collection<InetAddress> peers) {
        int added = 0;
        for (InetAddress peer : peers) {
            if (!permits(peer)) {
                added++;
            }
        }
        return added == 0 || permissions.size() + added <= table.limits().permissions()
                && takeNewPeers(added);
    }

    /** Takes one off the peers that the allocation may add now. */
    boolean takeNewPeer() {
        return takeNewPeers(1);
    }

    private boolean takeNewPeers(int count) {
        long before = newPeersNanos;
        newPeersNanos = table.newPeers().take(before, count, table.nanoTime());
        return newPeersNanos != before;
    }

    /** Whether so many permissions could ever be remembered. */
    public boolean couldHold(int peers) {
        return peers <= table.limits().permissions();
    }

    /** Whether another event of what the client repeats at will may be told. */
    boolean mayBeTold() {
        long before = tellingsNanos;
        tellingsNanos = TELLINGS.take(before, 1, table.nanoTime());
        return tellingsNanos != before;
    }

    /** Makes or refreshes a permission for 300 seconds. */
    public void permit(InetAddress peer) {
        permissions.permit(peer);
    }

    /** The channel of a number, or null if it is not bound now. */
    public Channel channel(int number) {
        return channels.of(number);
    }

    /** The channel of a peer, or null if none is bound now. */
    public Channel channel(Endpoint peer) {
        return channels.of(peer);
    }

    /** Whether one more channel can be bound. */
    public boolean hasRoomForChannel(int number) {
        return channels.hasRoomFor(number);
    }

    /**
     * Binds or refreshes a channel for 600 seconds, and makes or refreshes the peer's permission (RFC 8656 section 12.2).
     * The caller has checked that neither is bound to another.
     */
    public void bind(int number, InetSocketAddress peer) {
        channels.bind(number, peer);
    }

    /** Takes credit for data before it is sent; without credit the data must be dropped. */
    public boolean debitToPeer(int clientWireBytes, int payloadBytes) {
        return metering.debitToPeer(clientWireBytes, payloadBytes);
    }

    /** As {@link #debitToPeer}, for data to the client. */
    public boolean debitToClient(int clientWireBytes) {
        return metering.debitToClient(clientWireBytes);
    }

    /**
     * Lets a message pass that a rate has refused, if it came on a stream: nothing of a stream is dropped for a rate, but the
     * stream is not read on until the rate allows more.
     */
    public boolean debitToPeerAhead(int clientWireBytes, int payloadBytes) {
        return client.isStream() && metering.debitToPeerAhead(clientWireBytes, payloadBytes);
    }

    /** Why the last debit that was refused was. */
    public DropReason refusal() {
        return metering.refusal();
    }

    /** Sends a datagram that was debited: a part of a message, which stays the caller's. */
    public void sendToPeer(RelaySocket socket, ByteBuf message, int index, int bytes, Endpoint peer,
            int clientWireBytes) {
        socket.send(message, index, bytes, peer, clientWireBytes, metering.toPeer());
    }

    /** Sends data that was debited to the client, in its framing; the buffers stay the caller's. */
    public void sendToClient(ByteBuf head, ByteBuf payload, int padding) {
        client.sendData(head, payload, padding, metering.toClient());
    }

    /** The client has sent more than its credit covers: a stream is not read for a moment, so that its sender slows down. */
    public void slowDown() {
        if (client.isStream()) {
            if (creditPause == null) {
                creditPause = new CreditPause(this);
            }
            creditPause.begin(metering.refusal() == DropReason.RATE_LIMITED);
        }
    }

    /** Whether the quota has silenced it for so long that it must end. */
    boolean isCreditOver() {
        return metering.isCreditOver();
    }

    /** Counts data of this allocation that was thrown away. */
    public void drop(DropReason reason) {
        metering.drop(reason);
    }

    /** Whether it is over; data that still arrives is dropped. */
    public boolean isEnded() {
        return endReason != null;
    }

    /** Why it ended. */
    EndReason endReason() {
        return endReason;
    }

    void endedFor(EndReason reason) {
        endReason = reason;
    }

    @Override
    public void datagram(ByteBuf payload, AddressCursor peer) {
        if (!isEnded()) {
            table.peerData().fromPeer(this, payload, peer);
        }
    }

    @Override
    public ByteStream.Receiver connected(InetSocketAddress peer) {
        return isEnded() ? null : tcpPeers.connected(peer);
    }

    StreamPipe.Ledger streamToPeer() {
        return metering.streamToPeer();
    }

    StreamPipe.Ledger streamToClient() {
        return metering.streamToClient();
    }

    void scheduleAfter(Expiring entry, Duration delay) {
        table.scheduleAfter(entry, delay);
    }

    void cancel(Expiring entry) {
        table.wheel().cancel(entry);
    }

    @Override
    public void writableAgain() {
        client.resumeReading();
    }

    /** Its place among the live ones of its loop. */
    int place() {
        return place;
    }

    void placeAt(int index) {
        place = index;
    }

    Sampling sampling() {
        return sampling;
    }

    /** Number of the next event of this allocation. */
    int nextEventSeq() {
        return eventSeq++;
    }

    Duration age() {
        return Duration.ofNanos(table.nanoTime() - createdNanos);
    }

    /** Families that it was made with. */
    RelayFamily relayFamily() {
        if (grant.relayed().size() > 1) {
            return RelayFamily.DUAL;
        }
        return AddressFamily.of(grant.relayed().get(0).getAddress()) == AddressFamily.IPV6
                ? RelayFamily.IPV6
                : RelayFamily.IPV4;
    }

    void permissionExpired(Permission permission) {
        permissions.expired(permission);
    }

    void channelExpired(Channel channel) {
        channels.expired(channel);
    }

    void transportExpired(RelayedTransport transport) {
        boolean cut = credentialDeadline != null && credentialDeadline.cuts(table.nanoTime());
        table.release(this, Optional.of(transport.family()),
                cut ? EndReason.CREDENTIAL_EXPIRED : EndReason.EXPIRED);
    }

    /** Closes one relayed transport address. */
    void closeTransport(RelayedTransport transport) {
        transports = transports.stream().filter(other -> other != transport).toList();
        table.wheel().cancel(transport);
        if (tcpPeers != null) {
            // RFC 6062 section 5.5: the data connections end with it.
            tcpPeers.closeAll(transport.family());
        }
        transport.close();
        // Its queue can no longer drain: a stream that waits for that would wait for ever.
        client.resumeReading();
    }

    /** Stops everything but the counting of what the sockets still hold. */
    void stop() {
        transports.forEach(this::closeTransport);
        forgetDeadline();
        if (creditPause != null) {
            table.wheel().cancel(creditPause);
        }
        permissions.stop();
        channels.stop();
        client.flush();
        metering.stop();
    }

    /** Whether the sockets have told the fate of everything they were given. */
    boolean isSettled() {
        return metering.isSettled();
    }

    void giveBackCredit() {
        metering.giveBackCredit();
    }
}
