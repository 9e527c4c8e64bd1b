package io.turnpike.telemetry.query;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A page of allocations: live ones in the order of their ids, ended ones newest end first, then by id.
 *
 * @param allocations the page
 * @param next where the next page begins, empty on the last one
 */
public record AllocationPage(List<Allocation> allocations, Optional<After> next) {
    public AllocationPage {
        allocations = List.copyOf(allocations);
    }

    /**
     * The last allocation of a page.
     *
     * @param endedAt when it ended, empty for live ones
     * @param id its id
     */
    public record After(Optional<Instant> endedAt, String id) {}
}
