package io.turnpike.node.event;

/**
 * One answer for each kind of event; a new kind does not compile until every visitor knows it.
 *
 * @param <R> the answer
 */
public interface EventVisitor<R> {
    R visit(AllocationCreated event);

    R visit(AllocationRefreshed event);

    R visit(AllocationMoved event);

    R visit(AllocationRejected event);

    R visit(AuthenticationFailed event);

    R visit(AllocationEnded event);

    R visit(PermissionMade event);

    R visit(ChannelMade event);

    R visit(PeerDenied event);

    R visit(MilestoneReached event);

    R visit(UsageSampled event);

    R visit(TenantUsageReported event);

    R visit(NodeStatusReported event);
}
