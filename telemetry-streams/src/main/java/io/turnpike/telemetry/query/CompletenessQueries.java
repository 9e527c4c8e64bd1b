package io.turnpike.telemetry.query;

import java.util.List;

/** Whether all that the nodes sent has arrived, by hour. */
public interface CompletenessQueries {
    /**
     * Hours of the range, ascending, each with the nodes that were live in it.
     *
     * @param range aligned to hours
     * @throws StoreUnavailable if it is not known now
     */
    Answer<List<AuditedHours.Hour>> hours(TimeRange range);
}
