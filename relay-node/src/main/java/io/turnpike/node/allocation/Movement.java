package io.turnpike.node.allocation;

import io.turnpike.node.usage.TokenBucket;
import io.turnpike.stun.Octets;
import io.turnpike.stun.TransactionId;
import java.time.Duration;

/**
 * How a movable allocation follows its client (RFC 8016 section 3): which tickets are good, and the leg that it will move
 * to as soon as the client is heard there. Until then the old leg serves, and every ticket since the last one that the
 * client is known to hold is good, because an answer may get lost. Confined to the allocation's event loop.
 */
final class Movement {
    /** Moves that may follow each other at once, and how many each second in the long run. */
    private static final int BURST = 8;
    private static final int PER_SECOND = 1;

    final long serial;
    private final TokenBucket moves;
    private Octets ticket;
    private int newest;
    private int confirmed;
    private ClientLeg candidate;
    private ClientLeg ticketLeg;
    private Answered answered;

    /** The last mobility refresh, for its repetition. */
    private record Answered(ClientLeg leg, TransactionId transactionId, Duration lifetime) {}

    Movement(long serial, Octets firstTicket, long nowNanos) {
        this.serial = serial;
        this.ticket = firstTicket;
        this.moves = new TokenBucket(PER_SECOND, BURST, nowNanos);
    }

    /** The newest ticket. */
    Octets ticket() {
        return ticket;
    }

    int newest() {
        return newest;
    }

    /** Whether a ticket of this generation may be used. */
    boolean accepts(int generation) {
        return generation >= confirmed && generation <= newest;
    }

    /** The leg that the allocation is about to move to, or null. */
    ClientLeg candidate() {
        return candidate;
    }

    /** Whether the client has not been heard on the leg that got the newest ticket. */
    boolean waitsFor(ClientLeg leg) {
        return leg == ticketLeg && confirmed != newest;
    }

    /** Takes one of the moves that this allocation may make now. */
    boolean mayMove(long nowNanos) {
        return moves.take(nowNanos);
    }

    /** A ticket was used on a leg: those before it are stale, and the leg gets a new one. */
    void asked(int generation, ClientLeg leg, Octets newTicket) {
        confirmed = generation;
        newest++;
        ticket = newTicket;
        ticketLeg = leg;
        candidate = leg;
    }

    void answered(ClientLeg leg, TransactionId transactionId, Duration lifetime) {
        answered = new Answered(leg, transactionId, lifetime);
    }

    /** Lifetime that the same request was answered with on the same leg, or null if it is another. */
    Duration repetition(ClientLeg leg, TransactionId transactionId) {
        return answered != null && answered.leg == leg && answered.transactionId.equals(transactionId)
                ? answered.lifetime
                : null;
    }

    /** The client holds the newest ticket. */
    void confirm() {
        confirmed = newest;
    }

    void forgetCandidate() {
        candidate = null;
    }
}
