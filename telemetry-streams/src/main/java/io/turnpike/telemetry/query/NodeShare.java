package io.turnpike.telemetry.query;

/**
 * What one process of a node has of a tenant's rate and allocations, by the ledger.
 *
 * @param nodeId node
 * @param nodeEpoch its epoch
 * @param rateBitsPerSecond its newest share of the rate; 0 where none is capped
 * @param heldRateBitsPerSecond most that it may still enforce: more than its share until it has acknowledged a cut
 * @param demandBitsPerSecond rate at which data wants to pass there
 * @param slots allocations that it may have; 0 where they are not capped
 * @param allocations live allocations when it last said
 */
public record NodeShare(String nodeId, long nodeEpoch, long rateBitsPerSecond, long heldRateBitsPerSecond,
        long demandBitsPerSecond, int slots, int allocations) {}
