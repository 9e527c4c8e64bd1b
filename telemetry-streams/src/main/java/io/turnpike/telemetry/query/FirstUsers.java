package io.turnpike.telemetry.query;

import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The first so many users of an order behind a place in it, of all that are offered one by one; the others are not kept.
 * Confined to one thread.
 */
final class FirstUsers {
    private final UserSort sort;
    private final int most;
    private final Optional<UserPage.After> after;
    private final PriorityQueue<UserUsage> lastFirst;

    FirstUsers(UserSort sort, int most, Optional<UserPage.After> after) {
        this.sort = sort;
        this.most = most;
        this.after = after;
        this.lastFirst = new PriorityQueue<>(most, sort.order().reversed());
    }

    /** Whether a user is one of them so far. */
    boolean takes(String user, long billableBytes) {
        if (after.isPresent()
                && sort.compare(billableBytes, user, after.get().billableBytes(), after.get().user()) <= 0) {
            return false;
        }
        if (lastFirst.size() < most) {
            return true;
        }
        UserUsage last = lastFirst.element();
        return sort.compare(billableBytes, user, last.billableBytes(), last.user()) < 0;
    }

    /** Takes a user if it is one of them so far. */
    void offer(UserUsage user) {
        if (takes(user.user(), user.billableBytes())) {
            if (lastFirst.size() == most) {
                lastFirst.remove();
            }
            lastFirst.add(user);
        }
    }

    /** They, in the order. */
    List<UserUsage> list() {
        return lastFirst.stream().sorted(sort.order()).toList();
    }
}
