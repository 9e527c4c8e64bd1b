package io.turnpike.telemetry.query;

import java.util.Optional;

/** Who used what. Ranges are aligned to the step; who was never seen has an empty series. */
public interface UsageQueries {
    /** Usage of a tenant. */
    Answer<UsageSeries> tenantUsage(String tenantId, TimeRange range, Step step);

    /** Usage of one user of a tenant. */
    Answer<UsageSeries> userUsage(String tenantId, String userId, TimeRange range, Step step);

    /** What a relay node relayed, for all tenants. */
    Answer<UsageSeries> nodeUsage(String nodeId, TimeRange range, Step step);

    /** Usage of all tenants together. */
    Answer<UsageSeries> clusterUsage(TimeRange range, Step step);

    /**
     * A tenant's users that used anything in the range.
     *
     * @param step step whose buckets are added up; the range is aligned to it
     * @param limit most users on the page, 1 to 1,000
     * @param after end of the previous page, empty for the first
     */
    Answer<UserPage> users(String tenantId, TimeRange range, Step step, UserSort sort, int limit,
            Optional<UserPage.After> after);
}
