package io.turnpike.node.allocation;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Freed ports that rest, in the order of release: the one that rested longest, of all or of one user, is found at once. */
final class RestingPorts {
    private final Set<Resting> all = new LinkedHashSet<>();
    private final Map<String, Set<Resting>> byUser = new HashMap<>();

    /** One port, which rests at most once at a time. */
    record Resting(int port, String user, long untilNanos) {}

    void add(int port, String user, long untilNanos) {
        Resting added = new Resting(port, user, untilNanos);
        all.add(added);
        byUser.computeIfAbsent(user, name -> new LinkedHashSet<>()).add(added);
    }

    /** The port that rested longest, or null. */
    Resting oldest() {
        return first(all);
    }

    /** The user's port that rested longest, or null. */
    Resting oldestOf(String user) {
        return first(byUser.getOrDefault(user, Set.of()));
    }

    private static Resting first(Set<Resting> resting) {
        return resting.isEmpty() ? null : resting.iterator().next();
    }

    void remove(Resting resting) {
        all.remove(resting);
        Set<Resting> own = byUser.get(resting.user());
        own.remove(resting);
        if (own.isEmpty()) {
            byUser.remove(resting.user());
        }
    }
}
