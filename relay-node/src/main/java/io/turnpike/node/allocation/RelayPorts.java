package io.turnpike.node.allocation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Chooses the ports of relayed transport addresses, one table per address. Ports are random (RFC 8656 section 7.2, RFC
 * 6056), and a freed port rests before another user gets it: packets that a peer still sends would otherwise reach a
 * stranger. When all ports are taken or resting, the one that rested longest is given early, and counted.
 *
 * <p>Shared by the event loops: all methods are synchronised, none is on the packet path.
 */
public final class RelayPorts {
    private final int minPort;
    private final long restNanos;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    /** Free ports, unordered; {@code positions[port - minPort]} is a free port's index in it, or -1. */
    private final int[] free;
    private final int[] positions;
    private int freeCount;
    /** In the order of release, so the head rested longest. */
    private final Deque<Resting> resting = new ArrayDeque<>();
    private long cutShort;

    private record Resting(int port, String user, long untilNanos) {}

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
        this.minPort = minPort;
        this.restNanos = rest.toNanos();
        this.nanoClock = nanoClock;
        this.random = random;
        free = new int[maxPort - minPort + 1];
        positions = new int[free.length];
        for (int i = 0; i < free.length; i++) {
            free[i] = minPort + i;
            positions[i] = i;
        }
        freeCount = free.length;
    }

    /** Takes any port. */
    public synchronized OptionalInt take(String user) {
        return take(user, port -> true);
    }

    /** Takes an even port; the next one stays free for others (EVEN-PORT with R=0, RFC 8656 section 18.7). */
    public synchronized OptionalInt takeEven(String user) {
        return take(user, port -> port % 2 == 0);
    }

    /** Takes an even port and the one after it (EVEN-PORT with R=1); the result is the even one. */
    public synchronized OptionalInt takePair(String user) {
        OptionalInt even = take(user, port -> port % 2 == 0 && mayTake(port + 1));
        if (even.isPresent()) {
            claim(even.getAsInt() + 1);
        }
        return even;
    }

    /** Gives a port back; it rests before another user gets it. */
    public synchronized void release(int port, String user) {
        resting.addLast(new Resting(port, user, nanoClock.getAsLong() + restNanos));
    }

    /** How often a port was given to another user before its rest was over, because all others were in use. */
    public synchronized long restsCutShort() {
        return cutShort;
    }

    private OptionalInt take(String user, IntPredicate wanted) {
        wakeRested();
        int start = freeCount == 0 ? 0 : random.nextInt(freeCount);
        for (int i = 0; i < freeCount; i++) {
            int port = free[(start + i) % freeCount];
            if (wanted.test(port)) {
                claim(port);
                return OptionalInt.of(port);
            }
        }
        return takeResting(user, wanted);
    }

    private OptionalInt takeResting(String user, IntPredicate wanted) {
        Resting chosen = null;
        for (Resting candidate : resting) {
            if (wanted.test(candidate.port) && (chosen == null || candidate.user.equals(user))) {
                chosen = candidate;
                if (candidate.user.equals(user)) {
                    break;
                }
            }
        }
        if (chosen == null) {
            return OptionalInt.empty();
        }
        if (!chosen.user.equals(user)) {
            cutShort++;
        }
        resting.remove(chosen);
        return OptionalInt.of(chosen.port);
    }

    private void wakeRested() {
        long now = nanoClock.getAsLong();
        for (Iterator<Resting> it = resting.iterator(); it.hasNext();) {
            Resting oldest = it.next();
            if (oldest.untilNanos - now > 0) {
                return;
            }
            it.remove();
            positions[oldest.port - minPort] = freeCount;
            free[freeCount++] = oldest.port;
        }
    }

    private boolean mayTake(int port) {
        return port - minPort < positions.length && positions[port - minPort] >= 0;
    }

    private void claim(int port) {
        int position = positions[port - minPort];
        int last = free[--freeCount];
        free[position] = last;
        positions[last - minPort] = position;
        positions[port - minPort] = -1;
    }
}
