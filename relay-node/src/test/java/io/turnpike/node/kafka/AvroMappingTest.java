package io.turnpike.node.kafka;

import static io.turnpike.node.kafka.SampleEvents.NOW;
import static io.turnpike.node.kafka.SampleEvents.allocation;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.events.v1.AddressFamily;
import io.turnpike.events.v1.RelayTransport;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.AllocationEventKind;
import io.turnpike.events.v1.MilestoneEvent;
import io.turnpike.events.v1.NodeHour;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.PermissionEvent;
import io.turnpike.events.v1.PermissionEventKind;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.ShareReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.events.v1.UserSlotReport;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.node.event.BillableRule;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.AuthenticationFailed;
import io.turnpike.node.event.BillableRule;
import io.turnpike.node.event.ChannelMade;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.EventTally;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationMoved;
import io.turnpike.node.event.AllocationRefreshed;
import io.turnpike.node.event.Milestone;
import io.turnpike.node.event.MilestoneReached;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.NodeState;
import io.turnpike.node.event.NodeStatusReported;
import io.turnpike.node.event.PeerClass;
import io.turnpike.node.event.PeerDenied;
import io.turnpike.node.event.PermissionMade;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.event.QuotaShareState;
import io.turnpike.node.event.UserSlotState;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.event.RelayFamily;
import io.turnpike.node.event.SequencedEvent;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.event.UsageSampled;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every event as its record, through the bytes. */
class AvroMappingTest {
    private static final NodeIdentity NODE = new NodeIdentity("n1", 7, 99);
    private final AvroMapping mapping = new AvroMapping(NODE,
            () -> new PublisherFigures(true, 5, 6, Map.of("final", 2L),
                    new EventAccount.Statement(List.of(new EventTally.Hour(NOW, 9, 1)), NOW, true)));

    @Test
    void everyHeaderNamesTheNodeTheSequenceAndTheTenant() {
        AllocationEvent event = map(SampleEvents.created(3), AllocationEvent.class);
        assertThat(event.getHeader()).satisfies(header -> {
            assertThat(header.getNodeId()).isEqualTo("n1");
            assertThat(header.getNodeEpoch()).isEqualTo(7);
            assertThat(header.getNodeSeq()).isEqualTo(42);
            assertThat(header.getOccurredAt()).isEqualTo(NOW);
            assertThat(header.getTenantId()).isEqualTo("acme");
            assertThat(header.getUserId()).isEqualTo("al");
        });
    }

    @Test
    void stepsOfAnAllocationAreKeyedByIt() {
        WireRecord wire = wire(SampleEvents.created(3));
        assertThat(wire.topic()).isEqualTo(Topic.ALLOCATION.topicName());
        assertThat(wire.key()).isEqualTo("n1-7-3");
        AllocationEvent event = map(SampleEvents.created(3), AllocationEvent.class);
        assertThat(event.getKind()).isEqualTo(AllocationEventKind.CREATED);
        assertThat(event.getAllocationId()).isEqualTo("n1-7-3");
        assertThat(event.getClientPrefix()).isEqualTo("192.0.2.0/24");
        assertThat(event.getLifetimeSeconds()).isEqualTo(600);
        assertThat(event.getMillisSinceFirstRequest()).isEqualTo(7);
        assertThat(event.getRelayFamily()).isEqualTo(AddressFamily.IPV4);
        assertThat(event.getRelayTransport()).isEqualTo(RelayTransport.UDP);
        AllocationEvent refreshed = map(new AllocationRefreshed(NOW, allocation(3), 1, ClientTransport.TCP,
                RelayFamily.DUAL, Duration.ofSeconds(60)), AllocationEvent.class);
        assertThat(refreshed.getKind()).isEqualTo(AllocationEventKind.REFRESHED);
        assertThat(refreshed.getLifetimeSeconds()).isEqualTo(60);
        assertThat(refreshed.getAllocationSeq()).isEqualTo(1);
        AllocationEvent moved = map(new AllocationMoved(NOW, allocation(3), 2, ClientTransport.TCP, ClientTransport.UDP,
                RelayFamily.IPV4, "192.0.2.0/24"), AllocationEvent.class);
        assertThat(moved.getKind()).isEqualTo(AllocationEventKind.MOVED);
        assertThat(moved.getTransport()).isEqualTo(io.turnpike.events.v1.ClientTransport.UDP);
        assertThat(moved.getClientPrefix()).isEqualTo("192.0.2.0/24");
    }

    @Test
    void refusedRequestsAreKeyedByTheirUser() {
        RelayEvent rejected = new AllocationRejected(NOW, "acme", "al", 486, ClientTransport.UDP, "", "x".repeat(99),
                Duration.ZERO);
        assertThat(wire(rejected).key()).isEqualTo("acme|al");
        AllocationEvent event = map(rejected, AllocationEvent.class);
        assertThat(event.getKind()).isEqualTo(AllocationEventKind.REJECTED);
        assertThat(event.getErrorCode()).isEqualTo(486);
        assertThat(event.getAllocationId()).isEmpty();
        assertThat(event.getSoftware()).hasSize(64);
        AllocationEvent failed = map(
                new AuthenticationFailed(NOW, "acme", "al", 401, ClientTransport.TCP, "", "", 12),
                AllocationEvent.class);
        assertThat(failed.getKind()).isEqualTo(AllocationEventKind.AUTH_FAILED);
        assertThat(failed.getSampledOutCount()).isEqualTo(12);
    }

    @Test
    void permissionsChannelsAndDenials() {
        PermissionEvent made = map(new PermissionMade(NOW, allocation(1), 2, PeerClass.PUBLIC), PermissionEvent.class);
        assertThat(made.getKind()).isEqualTo(PermissionEventKind.PERMISSION);
        PermissionEvent channel = map(new ChannelMade(NOW, allocation(1), 3, PeerClass.PRIVATE, 0x4001),
                PermissionEvent.class);
        assertThat(channel.getKind()).isEqualTo(PermissionEventKind.CHANNEL);
        assertThat(channel.getChannel()).isEqualTo(0x4001);
        PermissionEvent denied = map(new PeerDenied(NOW, allocation(1), 4, PeerClass.DENIED_RANGE, 403),
                PermissionEvent.class);
        assertThat(denied.getKind()).isEqualTo(PermissionEventKind.DENIED);
        assertThat(denied.getErrorCode()).isEqualTo(403);
    }

    @Test
    void countersKeepEveryFigureOfEveryDirection() {
        RelayEvent sample = new UsageSampled(NOW, allocation(1), 5, NOW.minusSeconds(10), new DirectionCount(1, 2, 3),
                new DirectionCount(4, 5, 6), new DirectionCount(7, 8, 9), new DirectionCount(10, 11, 12),
                BillableRule.EGRESS_ONLY, Map.of("peer_denied", 4L), 2, true);
        assertThat(wire(sample).topic()).isEqualTo(Topic.BANDWIDTH.topicName());
        UsageSnapshot snapshot = map(sample, UsageSnapshot.class);
        assertThat(List.of(snapshot.getClientToRelay(), snapshot.getRelayToPeer(), snapshot.getPeerToRelay(),
                snapshot.getRelayToClient()))
                .flatExtracting(count -> List.of(count.getWireBytes(), count.getPayloadBytes(), count.getPackets()))
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
        assertThat(snapshot.getDroppedPackets()).isEqualTo(Map.of("peer_denied", 4L));
        assertThat(snapshot.getBillableRule()).isEqualTo(io.turnpike.control.v1.BillableRule.EGRESS_ONLY);
        assertThat(snapshot.getFinalSnapshot()).isTrue();
        assertThat(snapshot.getBillableRule()).isEqualTo(io.turnpike.control.v1.BillableRule.EGRESS_ONLY);
        assertThat(snapshot.getIntervalStart()).isEqualTo(NOW.minusSeconds(10));
    }

    @Test
    void quotaReportsCarryEveryAccountUnderTheTenantsKey() {
        RelayEvent report = new TenantUsageReported(NOW, "acme", 77, 5,
                List.of(new QuotaAccountState(7, 99, "2026-11", "", 5, 3, 1000, 900, 800, 700, 600, true, 500, 400)), 1,
                2, 3, 4,
                5, Optional.of(new QuotaShareState(11, 12, 13, 14, 15, 16, true,
                        List.of(new UserSlotState("al", 17, 18, 19, 20)))));
        assertThat(wire(report).key()).isEqualTo("acme");
        TenantNodeUsage usage = map(report, TenantNodeUsage.class);
        assertThat(usage.getShare()).isEqualTo(new ShareReport(11L, 12L, 13L, 14, 15, 16, true,
                List.of(new UserSlotReport("al", 17L, 18, 19, 20))));
        assertThat(usage.getProcessNonce()).isEqualTo(99);
        assertThat(usage.getReportMonotonicNanos()).isEqualTo(77);
        assertThat(usage.getQuotaDroppedBytes()).isEqualTo(5);
        assertThat(usage.getAccounts())
                .containsExactly(new QuotaAccountReport("2026-11", "", 7L, 99L, 5L, 3L, 1000L, 900L, 800L, 700L, 600L,
                        true, 0L, 400L, 500L));
    }

    @Test
    void theHeartbeatAddsHowThePublisherStands() {
        NodeStatus status = map(new NodeStatusReported(NOW, "1.0", NodeState.SERVING, NOW, List.of("udp://a:1"), 3,
                Map.of("peer_denied", 1L), Map.of("401", 9L)), NodeStatus.class);
        assertThat(status.getControlConnected()).isTrue();
        assertThat(status.getQueueDepth()).isEqualTo(5);
        assertThat(status.getSpoolBytes()).isEqualTo(6);
        assertThat(status.getDroppedRecords()).isEqualTo(Map.of("final", 2L));
        assertThat(status.getUnauthenticated()).isEqualTo(Map.of("401", 9L));
        assertThat(status.getListeners()).containsExactly("udp://a:1");
        assertThat(status.getHours()).containsExactly(new NodeHour(NOW, 9L, 1L));
        assertThat(status.getCountedThrough()).isEqualTo(NOW);
        assertThat(status.getClosed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(EndReason.class)
    void everyEndReasonHasItsName(EndReason reason) {
        AllocationEvent ended = map(new AllocationEnded(NOW, allocation(1), 9, ClientTransport.UDP, RelayFamily.IPV4,
                reason, Duration.ZERO), AllocationEvent.class);
        assertThat(ended.getEndReason().name()).isEqualTo(reason.name());
    }

    @ParameterizedTest
    @EnumSource(Milestone.class)
    void everyMilestoneHasItsName(Milestone milestone) {
        MilestoneEvent event = map(new MilestoneReached(NOW, allocation(1), 9, milestone, Duration.ofSeconds(2), false),
                MilestoneEvent.class);
        assertThat(event.getMilestone().name()).isEqualTo(milestone.name());
        assertThat(event.getMillisSinceCreated()).isEqualTo(2000);
    }

    private WireRecord wire(RelayEvent event) {
        return mapping.toWire(new SequencedEvent(42, event));
    }

    private <R extends SpecificRecord> R map(RelayEvent event, Class<R> type) {
        return RecordCodec.decode(wire(event).value(), type);
    }
}
