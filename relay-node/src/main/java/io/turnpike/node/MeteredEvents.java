package io.turnpike.node;

import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationMoved;
import io.turnpike.node.event.AllocationRefreshed;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.AuthenticationFailed;
import io.turnpike.node.event.ChannelMade;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.EventVisitor;
import io.turnpike.node.event.MilestoneReached;
import io.turnpike.node.event.NodeStatusReported;
import io.turnpike.node.event.PeerDenied;
import io.turnpike.node.event.PermissionMade;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.ops.NodeMetric;
import io.turnpike.node.ops.NodeMetrics;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts events on their way to the buffer, so that the metrics and the telemetry tell the same. Also counts what the
 * buffer must refuse. Thread-safe.
 */
final class MeteredEvents implements EventSink, EventVisitor<Void> {
    private final EventSink next;
    private final NodeMetrics metrics;
    private final Map<ClientTransport, AtomicLong> live = new ConcurrentHashMap<>();
    private final Map<EndReason, AtomicLong> ended = new EnumMap<>(EndReason.class);
    private final Map<String, TenantUsageReported> tenants = new ConcurrentHashMap<>();

    MeteredEvents(EventSink next, NodeMetrics metrics) {
        this.next = next;
        this.metrics = metrics;
        for (ClientTransport transport : ClientTransport.values()) {
            AtomicLong count = new AtomicLong();
            live.put(transport, count);
            metrics.observe(NodeMetric.ALLOCATIONS, count::get, transport.name().toLowerCase(Locale.ROOT));
        }
        for (EndReason reason : EndReason.values()) {
            AtomicLong count = new AtomicLong();
            ended.put(reason, count);
            metrics.observe(NodeMetric.ENDED_ALLOCATIONS, count::get, reason.name().toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public void offer(RelayEvent event) {
        event.accept(this);
        next.offer(event);
    }

    @Override
    public Void visit(AllocationCreated event) {
        live.get(event.transport()).incrementAndGet();
        metrics.increment(NodeMetric.ALLOCATION_REQUESTS, "success", "0");
        return null;
    }

    /** Live allocations are counted by the transport that their clients use now. */
    @Override
    public Void visit(AllocationMoved event) {
        live.get(event.from()).decrementAndGet();
        live.get(event.transport()).incrementAndGet();
        metrics.increment(NodeMetric.ALLOCATION_MOVES, label(event.from()), label(event.transport()));
        return null;
    }

    private static String label(ClientTransport transport) {
        return transport.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Void visit(AllocationRejected event) {
        metrics.increment(NodeMetric.ALLOCATION_REQUESTS, "error", String.valueOf(event.errorCode()));
        return null;
    }

    @Override
    public Void visit(AllocationEnded event) {
        live.get(event.transport()).decrementAndGet();
        ended.get(event.reason()).incrementAndGet();
        metrics.record(NodeMetric.ALLOCATION_DURATION, event.lived());
        return null;
    }

    /** Data has gone both ways when the second of the two directions begins. */
    @Override
    public Void visit(MilestoneReached event) {
        if (event.bothWays()) {
            metrics.record(NodeMetric.TIME_TO_MEDIA, event.sinceCreated());
        }
        return null;
    }

    @Override
    public Void visit(TenantUsageReported event) {
        if (event.userId().isEmpty() && tenants.put(event.tenantId(), event) == null) {
            String tenant = event.tenantId();
            metrics.observe(NodeMetric.QUOTA_REMAINING, () -> remaining(tenants.get(tenant)), tenant);
            metrics.observe(NodeMetric.QUOTA_THROTTLED, () -> tenants.get(tenant).quotaDroppedBytes(), tenant);
            metrics.observe(NodeMetric.QUOTA_REJECTED, () -> tenants.get(tenant).rejectedAllocations(), tenant);
        }
        return null;
    }

    private static long remaining(TenantUsageReported report) {
        return report.accounts().stream().mapToLong(MeteredEvents::remaining).sum();
    }

    private static long remaining(QuotaAccountState account) {
        return Math.max(0, account.capBytes() - account.spentBytes());
    }

    @Override
    public Void visit(AllocationRefreshed event) {
        return null;
    }

    @Override
    public Void visit(AuthenticationFailed event) {
        return null;
    }

    @Override
    public Void visit(PermissionMade event) {
        return null;
    }

    @Override
    public Void visit(ChannelMade event) {
        return null;
    }

    @Override
    public Void visit(PeerDenied event) {
        return null;
    }

    @Override
    public Void visit(UsageSampled event) {
        return null;
    }

    @Override
    public Void visit(NodeStatusReported event) {
        return null;
    }
}
