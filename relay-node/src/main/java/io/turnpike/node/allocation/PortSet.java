package io.turnpike.node.allocation;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** A set of ports with a common parity, of which any can be added, taken out, or chosen at random at once. */
final class PortSet {
    private static final char ABSENT = Character.MAX_VALUE;

    private final int firstPort;
    /** Unordered. */
    private final char[] ports;
    /** For each port of the range its index in {@link #ports}. */
    private final char[] places;
    private int size;

    /**
     * An empty set.
     *
     * @param firstPort lowest port, whose parity is that of all
     * @param lastPort no port is higher
     */
    PortSet(int firstPort, int lastPort) {
        this.firstPort = firstPort;
        int count = lastPort < firstPort ? 0 : (lastPort - firstPort) / 2 + 1;
        ports = new char[count];
        places = new char[count];
        Arrays.fill(places, ABSENT);
    }

    int size() {
        return size;
    }

    boolean contains(int port) {
        int at = port - firstPort >> 1;
        return at >= 0 && at < places.length && places[at] != ABSENT;
    }

    void add(int port) {
        places[port - firstPort >> 1] = (char) size;
        ports[size++] = (char) port;
    }

    /** Takes a port out, if it is there. */
    void remove(int port) {
        if (!contains(port)) {
            return;
        }
        int at = port - firstPort >> 1;
        char last = ports[--size];
        ports[places[at]] = last;
        places[last - firstPort >> 1] = places[at];
        places[at] = ABSENT;
    }

    /** One of the ports; there must be one. */
    int any(RandomGenerator random) {
        return ports[random.nextInt(size)];
    }

    /** The port of a place from 0 to {@link #size} - 1. */
    int at(int place) {
        return ports[place];
    }
}
