package io.turnpike.node.allocation;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.turnpike.stun.ErrorCode;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The peer data connections of one event loop, by their CONNECTION-ID (RFC 6062 section 5). Confined to the loop. */
public final class PeerConnections {
    /** How long a connection waits for its ConnectionBind (RFC 6062 sections 5.2 and 5.3). */
    public static final Duration BIND_TIMEOUT = Duration.ofSeconds(30);

    private final IntObjectMap<PeerConnection> byId = new IntObjectHashMap<>();
    private final Siblings siblings;
    private final ConnectionIds ids;
    private final PeerAttempts attempts;
    private final Limits limits;
    private volatile int size;

    /**
     * Bounds of TCP allocations.
     *
     * @param connectTimeout how long a peer may take to answer, at least 30 s (RFC 6062 section 5.2)
     * @param maxConnections connections of one allocation, those that wait for their ConnectionBind included
     */
    public record Limits(Duration connectTimeout, int maxConnections) {}

    /**
     * Makes an empty registry.
     *
     * @param siblings the node's loops, seen from this one
     * @param random source of CONNECTION-IDs; unpredictable
     * @param attempts decides over peers that connect
     * @param limits see there
     */
    public PeerConnections(Siblings siblings, RandomGenerator random, PeerAttempts attempts, Limits limits) {
        this.siblings = siblings;
        this.ids = new ConnectionIds(siblings.own(), siblings.count(), random);
        this.attempts = attempts;
        this.limits = limits;
    }

    /**
     * What came of a claim.
     *
     * @param loop loop of the allocation, where the client's side lives
     * @param clientSide takes the client's connection; null where it is refused
     * @param refusal why it is refused
     */
    public record Claim(int loop, ByteStream.Receiver clientSide, Optional<ErrorCode> refusal) {}

    /**
     * Reserves a connection, wherever on the node it is, for a client that asks to bind it (RFC 6062 section 5.4): refused
     * with 400 if no such connection waits, with 441 if it is another user's, with 500 while the loops are too busy.
     *
     * @param id CONNECTION-ID of the request
     * @param owner who asks
     * @param answer called once on this loop, perhaps before this returns
     */
    public void claim(int id, AllocationOwner owner, Consumer<Claim> answer) {
        int asking = siblings.own();
        boolean asked = siblings.on(ConnectionIds.loopOf(id, siblings.count()),
                allocations -> allocations.connections().claimHere(id, owner, asking, answer));
        if (!asked) {
            answer.accept(new Claim(asking, null, Optional.of(ErrorCode.SERVER_ERROR)));
        }
    }

    private void claimHere(int id, AllocationOwner owner, int asking, Consumer<Claim> answer) {
        PeerConnection connection = byId.get(id);
        Optional<ErrorCode> refusal = Optional.empty();
        if (connection == null || !connection.isWaiting()) {
            refusal = Optional.of(ErrorCode.BAD_REQUEST);
        } else if (!connection.allocation().owner().isSame(owner.tenantId(), owner.username())) {
            refusal = Optional.of(ErrorCode.WRONG_CREDENTIALS);
        } else {
            connection.claim();
        }
        Claim claim = new Claim(siblings.own(), refusal.isEmpty() ? connection.clientSide() : null, refusal);
        if (!siblings.on(asking, allocations -> answer.accept(claim)) && refusal.isEmpty()) {
            connection.close();
        }
    }

    /** Connections of this loop; may be read from any thread. */
    public int size() {
        return size;
    }

    PeerAttempts attempts() {
        return attempts;
    }

    Limits limits() {
        return limits;
    }

    int newId() {
        return ids.next(byId::containsKey);
    }

    void add(PeerConnection connection) {
        byId.put(connection.id(), connection);
        size = byId.size();
    }

    void remove(PeerConnection connection) {
        byId.remove(connection.id());
        size = byId.size();
    }
}
