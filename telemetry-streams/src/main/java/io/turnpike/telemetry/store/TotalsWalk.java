package io.turnpike.telemetry.store;

import java.util.Collections;
import java.util.Iterator;
import java.util.Map;

/**
 * A walk through all users of {@link UserTotals} that drops what is too old, and who has nothing left. It is made in pieces;
 * users may come meanwhile. Confined to the stream thread.
 */
final class TotalsWalk {
    static final TotalsWalk DONE = new TotalsWalk(Map.of(), 0, 0);
    private static final int USER_BYTES = 120; // its entry in the map, and its name

    private final Map<String, Map<String, BilledTimes>> tenants;
    private final Iterator<Map.Entry<String, Map<String, BilledTimes>>> tenantsLeft;
    private final int hoursFrom;
    private final int daysFrom;
    private Map.Entry<String, Map<String, BilledTimes>> tenant;
    private Iterator<Map.Entry<String, BilledTimes>> usersLeft = Collections.emptyIterator();

    /**
     * @param tenants users by tenant; concurrent maps
     * @param hoursFrom first hour that stays
     * @param daysFrom first day that stays
     */
    TotalsWalk(Map<String, Map<String, BilledTimes>> tenants, int hoursFrom, int daysFrom) {
        this.tenants = tenants;
        this.tenantsLeft = tenants.entrySet().iterator();
        this.hoursFrom = hoursFrom;
        this.daysFrom = daysFrom;
    }

    /** What a user takes of the heap, about. */
    static long heapBytes(String userId, BilledTimes times) {
        return USER_BYTES + userId.length() + times.heapBytes();
    }

    boolean isDone() {
        return !usersLeft.hasNext() && !tenantsLeft.hasNext();
    }

    /** Looks at so many users, at most; answers how many bytes of the heap became free. */
    long goOn(int mostUsers) {
        long freed = 0;
        for (int looked = 0; looked < mostUsers && !isDone(); looked++) {
            if (usersLeft.hasNext()) {
                freed += look(usersLeft.next());
            } else {
                tenant = tenantsLeft.next();
                usersLeft = tenant.getValue().entrySet().iterator();
            }
            if (!usersLeft.hasNext() && tenant.getValue().isEmpty()) {
                tenants.remove(tenant.getKey());
            }
        }
        return freed;
    }

    private long look(Map.Entry<String, BilledTimes> user) {
        BilledTimes times = user.getValue();
        long before = heapBytes(user.getKey(), times);
        times.dropBefore(hoursFrom, daysFrom);
        if (times.isEmpty()) {
            tenant.getValue().remove(user.getKey());
            return before;
        }
        return before - heapBytes(user.getKey(), times);
    }
}
