package io.turnpike.telemetry.query;

/** How allocations ended. */
public interface OutcomeQueries {
    /** Outcomes of one tenant. */
    Answer<OutcomeCounts> tenantOutcomes(String tenantId);

    /** Outcomes of all tenants together. */
    Answer<OutcomeCounts> clusterOutcomes();
}
