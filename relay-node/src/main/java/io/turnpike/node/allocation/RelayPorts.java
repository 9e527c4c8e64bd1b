package io.turnpike.node.allocation;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Chooses the ports of relayed transport addresses, one table per address. Ports are random (RFC 8656 section 7.2, RFC
 * 6056), and a freed port rests before another user gets it: packets that a peer still sends would otherwise reach a
 * stranger. When all ports are taken or resting, the one that rested longest is given early, and counted. No call searches
 * the ports, however many there are.
 *
 * <p>Shared by the event loops: all methods are synchronised, none is on the packet path.
 */
public final class RelayPorts {
    private final long restNanos;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    /** Free ports. */
    private final PortSet even;
    private final PortSet odd;
    /** Free even ports before free odd ones. */
    private final PortSet pairs;
    private final RestingPorts restingEven = new RestingPorts();
    private final RestingPorts restingOdd = new RestingPorts();
    private long cutShort;

    /**
     * Makes a table in which every port is free.
     *
     * @param minPort first port, 1 to 65535
     * @param maxPort last port, at least {@code minPort}
     * @param rest how long a freed port is kept from other users
     * @param nanoClock monotonic clock
     * @param random source of the choice; unpredictable in production
     */
    public RelayPorts(int minPort, int maxPort, Duration rest, LongSupplier nanoClock, RandomGenerator random) {
        if (minPort < 1 || maxPort > 65535 || maxPort < minPort) {
            throw new IllegalArgumentException("relay ports must be a range in 1-65535: " + minPort + "-" + maxPort);
        }
        this.restNanos = rest.toNanos();
        this.nanoClock = nanoClock;
        this.random = random;
        int firstEven = minPort + minPort % 2;
        even = new PortSet(firstEven, maxPort);
        pairs = new PortSet(firstEven, maxPort - 1);
        odd = new PortSet(minPort + 1 - minPort % 2, maxPort);
        for (int port = minPort; port <= maxPort; port++) {
            free(port);
        }
    }

    /** Takes any port. */
    public synchronized OptionalInt take(String user) {
        wakeRested();
        int free = even.size() + odd.size();
        if (free == 0) {
            return wake(older(oldest(restingEven, user), oldest(restingOdd, user), user), user);
        }
        int place = random.nextInt(free);
        return claim(place < even.size() ? even.at(place) : odd.at(place - even.size()));
    }

    /** Takes an even port; the next one stays free for others (EVEN-PORT with R=0, RFC 8656 section 18.7). */
    public synchronized OptionalInt takeEven(String user) {
        wakeRested();
        return even.size() == 0 ? wake(oldest(restingEven, user), user) : claim(even.any(random));
    }

    /** Takes an even port and the one after it (EVEN-PORT with R=1), neither of which may rest; the result is the even one. */
    public synchronized OptionalInt takePair(String user) {
        wakeRested();
        if (pairs.size() == 0) {
            return OptionalInt.empty();
        }
        int first = pairs.any(random);
        claim(first + 1);
        return claim(first);
    }

    /** Gives a port back; it rests before another user gets it. */
    public synchronized void release(int port, String user) {
        (port % 2 == 0 ? restingEven : restingOdd).add(port, user, nanoClock.getAsLong() + restNanos);
    }

    /** Ports that can be had without cutting a rest short. */
    synchronized int freeCount() {
        wakeRested();
        return even.size() + odd.size();
    }

    /** The even ones of them. */
    synchronized int freeEvenCount() {
        wakeRested();
        return even.size();
    }

    /** How often a port was given to another user before its rest was over, because all others were in use. */
    public synchronized long restsCutShort() {
        return cutShort;
    }

    /** What the user may have of the resting ports: the user's own first. */
    private static RestingPorts.Resting oldest(RestingPorts resting, String user) {
        RestingPorts.Resting own = resting.oldestOf(user);
        return own != null ? own : resting.oldest();
    }

    private static RestingPorts.Resting older(RestingPorts.Resting one, RestingPorts.Resting other, String user) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        boolean ownOne = one.user().equals(user);
        if (ownOne != other.user().equals(user)) {
            return ownOne ? one : other;
        }
        return one.untilNanos() - other.untilNanos() <= 0 ? one : other;
    }

    private OptionalInt wake(RestingPorts.Resting chosen, String user) {
        if (chosen == null) {
            return OptionalInt.empty();
        }
        if (!chosen.user().equals(user)) {
            cutShort++;
        }
        (chosen.port() % 2 == 0 ? restingEven : restingOdd).remove(chosen);
        return OptionalInt.of(chosen.port());
    }

    private void wakeRested() {
        long now = nanoClock.getAsLong();
        wakeRested(restingEven, now);
        wakeRested(restingOdd, now);
    }

    private void wakeRested(RestingPorts resting, long now) {
        for (RestingPorts.Resting oldest = resting.oldest(); oldest != null
                && oldest.untilNanos() - now <= 0; oldest = resting.oldest()) {
            resting.remove(oldest);
            free(oldest.port());
        }
    }

    private void free(int port) {
        if (port % 2 == 0) {
            even.add(port);
            if (odd.contains(port + 1)) {
                pairs.add(port);
            }
        } else {
            odd.add(port);
            if (even.contains(port - 1)) {
                pairs.add(port - 1);
            }
        }
    }

    private OptionalInt claim(int port) {
        if (port % 2 == 0) {
            even.remove(port);
            pairs.remove(port);
        } else {
            odd.remove(port);
            pairs.remove(port - 1);
        }
        return OptionalInt.of(port);
    }
}
