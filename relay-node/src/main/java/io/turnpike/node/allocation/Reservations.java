package io.turnpike.node.allocation;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Ports held for a second allocation of the same user (EVEN-PORT with R=1 and RESERVATION-TOKEN, RFC 8656 sections 7.2,
 * 18.7 and 18.10). The holder of the token may come in on another event loop, so the table is shared and synchronised.
 */
public final class Reservations {
    /** Ports that one user may have held at a time: one that allocates and releases in a row must not take them all. */
    static final int MOST_OF_USER = 256;

    private final RelayPorts ports;
    private final long lifetimeNanos;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    private final Map<Long, Reservation> byToken = new LinkedHashMap<>();

    private final Map<String, Integer> countByUser = new HashMap<>();

    private record Reservation(int port, HeldPort held, String user, long untilNanos) {}

    /**
     * Makes an empty table.
     *
     * @param ports where an unused port goes back
     * @param lifetime how long a token is good, at least 30 s by RFC 8656 section 7.2
     * @param nanoClock monotonic clock
     * @param random source of tokens; must be unpredictable
     */
    public Reservations(RelayPorts ports, Duration lifetime, LongSupplier nanoClock, RandomGenerator random) {
        this.ports = ports;
        this.lifetimeNanos = lifetime.toNanos();
        this.nanoClock = nanoClock;
        this.random = random;
    }

    /** Whether the user may have one more port held. */
    public synchronized boolean mayHold(String user) {
        expire();
        return countByUser.getOrDefault(user, 0) < MOST_OF_USER;
    }

    /** Holds a port already taken from the port table, and bound, and names it by a token of 64 random bits. */
    public synchronized long hold(int port, HeldPort held, String user) {
        long token;
        do {
            token = random.nextLong();
        } while (byToken.containsKey(token));
        byToken.put(token, new Reservation(port, held, user, nanoClock.getAsLong() + lifetimeNanos));
        countByUser.merge(user, 1, Integer::sum);
        return token;
    }

    /** Turns a token into its port, once; empty if it is unknown, expired, or another user's. */
    public synchronized OptionalInt redeem(long token, String user) {
        expire();
        Reservation reservation = byToken.get(token);
        if (reservation == null || !reservation.user.equals(user)) {
            return OptionalInt.empty();
        }
        byToken.remove(token);
        letGo(reservation);
        return OptionalInt.of(reservation.port);
    }

    /** Frees the ports whose token ran out. */
    public synchronized void expire() {
        long now = nanoClock.getAsLong();
        for (Iterator<Reservation> it = byToken.values().iterator(); it.hasNext();) {
            Reservation oldest = it.next();
            if (oldest.untilNanos - now > 0) {
                return;
            }
            it.remove();
            letGo(oldest);
            ports.release(oldest.port, oldest.user);
        }
    }

    /** Lets go of every port, for the node's stop. */
    public synchronized void releaseAll() {
        byToken.values().forEach(reservation -> {
            letGo(reservation);
            ports.release(reservation.port, reservation.user);
        });
        byToken.clear();
    }

    private void letGo(Reservation reservation) {
        reservation.held.release();
        countByUser.computeIfPresent(reservation.user, (user, count) -> count == 1 ? null : count - 1);
    }

    /** Ports held now. */
    public synchronized int size() {
        return byToken.size();
    }
}
