package io.turnpike.telemetry.query;

import java.util.List;
import java.util.Optional;

/**
 * A page of users in the asked order.
 *
 * @param users the page
 * @param next where the next page begins, empty on the last one
 */
public record UserPage(List<UserUsage> users, Optional<After> next) {
    public UserPage {
        users = List.copyOf(users);
    }

    /** The last user of a page: the next page begins after this place in the order, so changed figures skip nobody twice. */
    public record After(long billableBytes, String user) {}
}
