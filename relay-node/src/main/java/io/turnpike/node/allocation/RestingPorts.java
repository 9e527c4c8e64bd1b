package io.turnpike.node.allocation;

import java.util.HashMap;
import java.util.Map;

/** Freed ports that rest, in the order of release: the one that rested longest, of all or of one user, is found at once. */
final class RestingPorts {
    private final Queue all = new Queue();
    private final Map<String, Queue> byUser = new HashMap<>();

    /** One port, linked among all and among its user's. */
    static final class Resting {
        private final int port;
        private final String user;
        private final long untilNanos;
        private Resting previous;
        private Resting next;
        private Resting previousOfUser;
        private Resting nextOfUser;

        private Resting(int port, String user, long untilNanos) {
            this.port = port;
            this.user = user;
            this.untilNanos = untilNanos;
        }

        int port() {
            return port;
        }

        String user() {
            return user;
        }

        long untilNanos() {
            return untilNanos;
        }
    }

    private static final class Queue {
        private Resting oldest;
        private Resting newest;
    }

    void add(int port, String user, long untilNanos) {
        Resting added = new Resting(port, user, untilNanos);
        added.previous = all.newest;
        if (all.newest == null) {
            all.oldest = added;
        } else {
            all.newest.next = added;
        }
        all.newest = added;
        Queue own = byUser.computeIfAbsent(user, name -> new Queue());
        added.previousOfUser = own.newest;
        if (own.newest == null) {
            own.oldest = added;
        } else {
            own.newest.nextOfUser = added;
        }
        own.newest = added;
    }

    /** The port that rested longest, or null. */
    Resting oldest() {
        return all.oldest;
    }

    /** The user's port that rested longest, or null. */
    Resting oldestOf(String user) {
        Queue own = byUser.get(user);
        return own == null ? null : own.oldest;
    }

    void remove(Resting resting) {
        if (resting.previous == null) {
            all.oldest = resting.next;
        } else {
            resting.previous.next = resting.next;
        }
        if (resting.next == null) {
            all.newest = resting.previous;
        } else {
            resting.next.previous = resting.previous;
        }
        Queue own = byUser.get(resting.user);
        if (resting.previousOfUser == null) {
            own.oldest = resting.nextOfUser;
        } else {
            resting.previousOfUser.nextOfUser = resting.nextOfUser;
        }
        if (resting.nextOfUser == null) {
            own.newest = resting.previousOfUser;
        } else {
            resting.nextOfUser.previousOfUser = resting.previousOfUser;
        }
        if (own.oldest == null) {
            byUser.remove(resting.user);
        }
    }
}
