package io.turnpike.node.event;

import java.time.Instant;

/** An event of one allocation; its tenant and user are the allocation's. */
public sealed interface AllocationStep extends RelayEvent
        permits AllocationCreated, AllocationEnded, AllocationMoved, AllocationRefreshed, ChannelMade, MilestoneReached,
        PeerDenied,
        PermissionMade, UsageSampled {
    /** The allocation. */
    AllocationRef allocation();

    /** When what it tells of began; its hour is the one in which it is counted. */
    default Instant beginsAt() {
        return occurredAt();
    }

    @Override
    default String tenantId() {
        return allocation().tenantId();
    }

    @Override
    default String userId() {
        return allocation().userId();
    }

    @Override
    default EventPriority priority() {
        return EventPriority.LIFECYCLE;
    }
}
