package io.turnpike.node.allocation;

import java.time.Duration;
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
    private final RelayPorts ports;
    private final long lifetimeNanos;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    private final Map<Long, Reservation> byToken = new LinkedHashMap<>();

    private record Reservation(int port, String user, long untilNanos) {}

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

    /** Holds a port already taken from the port table and names it by a token of 64 random bits. */
    public synchronized long hold(int port, String user) {
        long token;
        do {
            token = random.nextLong();
        } while (byToken.containsKey(token));
        byToken.put(token, new Reservation(port, user, nanoClock.getAsLong() + lifetimeNanos));
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
            ports.release(oldest.port, oldest.user);
        }
    }

    /** Ports held now. */
    public synchronized int size() {
        return byToken.size();
    }
}
