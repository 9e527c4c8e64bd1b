package io.turnpike.telemetry.store;

import io.turnpike.events.v1.DirectionCounters;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.store.v1.DirectionTotals;
import io.turnpike.telemetry.store.v1.TrafficTotals;
import java.util.Arrays;

/**
 * The twelve counters of relayed traffic, four directions in wire bytes, payload bytes and packets, as one value to
 * calculate with. Every operation works counter by counter and none rounds.
 */
public final class Traffic {
    private static final int COUNTERS = 12;

    /** Nothing. */
    public static final Traffic ZERO = new Traffic(new long[COUNTERS]);

    private static final long MOST_PER_ALLOCATION = 1L << 50;
    private static final int CLIENT_TO_RELAY = 0;
    private static final int RELAY_TO_PEER = 3;
    private static final int PEER_TO_RELAY = 6;
    private static final int RELAY_TO_CLIENT = 9;

    private final long[] counters;

    /** Traffic that grows in place. Confined to one thread. */
    static final class Sum {
        private final Traffic grown = new Traffic(new long[COUNTERS]);

        /** Adds traffic; throws {@link ArithmeticException} rather than wrapping around. */
        void add(Traffic part) {
            part.addTo(grown.counters);
        }

        void add(Sum other) {
            add(other.grown);
        }

        /** The form in which stores keep it. */
        TrafficTotals totals() {
            return grown.totals();
        }
    }

    private Traffic(long[] counters) {
        this.counters = counters;
    }

    /** The cumulative counters of a snapshot. */
    public static Traffic of(UsageSnapshot snapshot) {
        long[] counters = new long[COUNTERS];
        fill(counters, CLIENT_TO_RELAY, snapshot.getClientToRelay());
        fill(counters, RELAY_TO_PEER, snapshot.getRelayToPeer());
        fill(counters, PEER_TO_RELAY, snapshot.getPeerToRelay());
        fill(counters, RELAY_TO_CLIENT, snapshot.getRelayToClient());
        return new Traffic(counters);
    }

    /** The counters of a stored record. */
    public static Traffic of(TrafficTotals totals) {
        long[] counters = new long[COUNTERS];
        fill(counters, CLIENT_TO_RELAY, totals.getClientToRelay());
        fill(counters, RELAY_TO_PEER, totals.getRelayToPeer());
        fill(counters, PEER_TO_RELAY, totals.getPeerToRelay());
        fill(counters, RELAY_TO_CLIENT, totals.getRelayToClient());
        return new Traffic(counters);
    }

    /** The form in which stores keep it. */
    public TrafficTotals totals() {
        return new TrafficTotals(direction(CLIENT_TO_RELAY), direction(RELAY_TO_PEER), direction(PEER_TO_RELAY),
                direction(RELAY_TO_CLIENT));
    }

    /** The sum; throws {@link ArithmeticException} rather than wrapping around. */
    public Traffic plus(Traffic other) {
        long[] result = counters.clone();
        other.addTo(result);
        return new Traffic(result);
    }

    /** The larger of each counter. */
    public Traffic max(Traffic other) {
        long[] result = new long[COUNTERS];
        for (int i = 0; i < COUNTERS; i++) {
            result[i] = Math.max(counters[i], other.counters[i]);
        }
        return new Traffic(result);
    }

    /** How far each counter lies above the other's; 0 where it does not. */
    public Traffic growthOver(Traffic before) {
        long[] result = new long[COUNTERS];
        for (int i = 0; i < COUNTERS; i++) {
            result[i] = Math.max(0, counters[i] - before.counters[i]);
        }
        return new Traffic(result);
    }

    /**
     * The part of the traffic that falls between two marks of an interval, when it is spread evenly. Floors of the
     * cumulative share are subtracted, so that the parts of one interval always add up to the whole.
     *
     * @param fromMark start of the part, 0 to length
     * @param toMark end of the part, fromMark to length
     * @param length length of the interval, above 0 and below 2^31.5 (35 days in milliseconds is)
     */
    public Traffic part(long fromMark, long toMark, long length) {
        long[] result = new long[counters.length];
        Arrays.setAll(result, i -> share(counters[i], toMark, length) - share(counters[i], fromMark, length));
        return new Traffic(result);
    }

    private static long share(long count, long mark, long length) {
        return count / length * mark + count % length * mark / length;
    }

    /**
     * Wire bytes that are billed: both directions of the client's leg, or what left the relay (DESIGN section 5).
     *
     * @param egressOnly whether the allocation's tenant is billed for what leaves the relay, to peers and to clients
     */
    public long billableBytes(boolean egressOnly) {
        int towardsPeers = egressOnly ? RELAY_TO_PEER : CLIENT_TO_RELAY;
        return Math.addExact(counters[towardsPeers], counters[RELAY_TO_CLIENT]);
    }

    /** Whether every counter is 0. */
    public boolean isZero() {
        for (long counter : counters) {
            if (counter != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether every counter is what one allocation can have moved: 0 to 2^50. Sums of such cannot overflow. */
    public boolean isPlausible() {
        for (long counter : counters) {
            if (counter < 0 || counter > MOST_PER_ALLOCATION) {
                return false;
            }
        }
        return true;
    }

    /** Datagrams sent to peers. */
    public long packetsToPeers() {
        return counters[RELAY_TO_PEER + 2];
    }

    /** Datagrams sent to clients. */
    public long packetsToClients() {
        return counters[RELAY_TO_CLIENT + 2];
    }

    private void addTo(long[] sums) {
        for (int i = 0; i < COUNTERS; i++) {
            sums[i] = Math.addExact(sums[i], counters[i]);
        }
    }

    private DirectionTotals direction(int at) {
        return new DirectionTotals(counters[at], counters[at + 1], counters[at + 2]);
    }

    private static void fill(long[] counters, int at, DirectionCounters direction) {
        counters[at] = direction.getWireBytes();
        counters[at + 1] = direction.getPayloadBytes();
        counters[at + 2] = direction.getPackets();
    }

    private static void fill(long[] counters, int at, DirectionTotals direction) {
        counters[at] = direction.getWireBytes();
        counters[at + 1] = direction.getPayloadBytes();
        counters[at + 2] = direction.getPackets();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Traffic traffic && Arrays.equals(counters, traffic.counters);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counters);
    }

    @Override
    public String toString() {
        return "Traffic" + Arrays.toString(counters);
    }
}
