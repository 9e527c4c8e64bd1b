package io.turnpike.telemetry.query;

import java.util.Optional;

/** Allocations, live and lately ended. */
public interface AllocationQueries {
    /**
     * A tenant's allocations.
     *
     * @param userId only this user's, empty for all
     * @param limit most allocations on the page, 1 to 1,000
     * @param after end of the previous page, empty for the first
     */
    Answer<AllocationPage> allocations(String tenantId, Allocation.State state, Optional<String> userId, int limit,
            Optional<AllocationPage.After> after);

    /** One allocation with its timeline, empty if it is not known (any more). */
    Answer<Optional<Allocation>> allocation(String allocationId);
}
