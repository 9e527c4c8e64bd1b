package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationMoved;
import io.turnpike.node.event.AllocationRef;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.Milestone;
import io.turnpike.node.event.MilestoneReached;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.event.RelayFamily;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.ops.NodeMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeteredEventsTest {
    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    private static final AllocationRef ALLOCATION = new AllocationRef("acme", "al", "n1-1-1");

    private final NodeMetrics metrics = new NodeMetrics();
    private final List<RelayEvent> passed = new ArrayList<>();
    private final MeteredEvents events = new MeteredEvents(passed::add, metrics);

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void countsAllocationsByTransportWhileTheyLiveAndHowLongTheyLived() {
        events.offer(created());
        assertThat(metrics.scrape().lines()).contains("turn_relay_allocations{transport=\"udp\"} 1.0",
                "turn_relay_allocations{transport=\"tcp\"} 0.0",
                "turn_relay_allocation_requests_total{code=\"0\",result=\"success\"} 1.0");

        events.offer(new AllocationEnded(START.plusSeconds(90), ALLOCATION, 1, ClientTransport.UDP, RelayFamily.IPV4,
                EndReason.EXPIRED, Duration.ofSeconds(90)));
        assertThat(metrics.scrape().lines()).contains("turn_relay_allocations{transport=\"udp\"} 0.0",
                "turn_relay_allocation_duration_seconds_sum 90.0",
                "turn_relay_ended_allocations_total{reason=\"expired\"} 1.0",
                "turn_relay_ended_allocations_total{reason=\"admin\"} 0.0");
        assertThat(passed).hasSize(2);
    }

    @Test
    void countsAnAllocationThatMovesByTheTransportOfItsClientNow() {
        events.offer(created());
        events.offer(new AllocationMoved(START.plusSeconds(1), ALLOCATION, 1, ClientTransport.UDP, ClientTransport.TLS,
                RelayFamily.IPV4, "192.0.2.0/24"));
        assertThat(metrics.scrape().lines()).contains("turn_relay_allocations{transport=\"udp\"} 0.0",
                "turn_relay_allocations{transport=\"tls\"} 1.0",
                "turn_relay_allocation_moves_total{from=\"udp\",to=\"tls\"} 1.0");

        events.offer(new AllocationEnded(START.plusSeconds(90), ALLOCATION, 2, ClientTransport.TLS, RelayFamily.IPV4,
                EndReason.EXPIRED, Duration.ofSeconds(90)));
        assertThat(metrics.scrape().lines()).contains("turn_relay_allocations{transport=\"udp\"} 0.0",
                "turn_relay_allocations{transport=\"tls\"} 0.0", "turn_relay_allocation_duration_seconds_sum 90.0");
    }

    @Test
    void countsRefusedAllocationsByErrorCode() {
        events.offer(new AllocationRejected(START, "acme", "al", 486, ClientTransport.TCP, "192.0.2.0/24", "",
                Duration.ZERO));

        assertThat(metrics.scrape())
                .contains("turn_relay_allocation_requests_total{code=\"486\",result=\"error\"} 1.0");
    }

    @Test
    void measuresTheTimeToDataBothWaysOnce() {
        events.offer(created());
        events.offer(reached(Milestone.FIRST_CLIENT_TO_PEER, 1, false));
        assertThat(metrics.scrape()).contains("turn_relay_time_to_media_seconds_count 0");

        events.offer(reached(Milestone.FIRST_PEER_TO_CLIENT, 3, true));
        assertThat(metrics.scrape()).contains("turn_relay_time_to_media_seconds_count 1",
                "turn_relay_time_to_media_seconds_sum 3.0");
    }

    @Test
    void showsTheLastQuotaReportOfATenant() {
        events.offer(report(100, 40, 0, 0));
        events.offer(report(100, 90, 2, 1_234));

        assertThat(metrics.scrape()).contains("turn_quota_grant_remaining_bytes{tenant=\"acme\"} 10.0",
                "turn_quota_rejected_allocations_total{tenant=\"acme\"} 2.0",
                "turn_quota_throttled_bytes_total{tenant=\"acme\"} 1234.0");
    }

    private static AllocationCreated created() {
        return new AllocationCreated(START, ALLOCATION, 0, ClientTransport.UDP, RelayTransport.UDP, RelayFamily.IPV4,
                "192.0.2.0/24", "",
                Duration.ofSeconds(600), Duration.ofMillis(20));
    }

    private static MilestoneReached reached(Milestone milestone, int seconds, boolean bothWays) {
        return new MilestoneReached(START.plusSeconds(seconds), ALLOCATION, seconds, milestone,
                Duration.ofSeconds(seconds), bothWays);
    }

    private static TenantUsageReported report(long cap, long spent, long rejected, long dropped) {
        return new TenantUsageReported(START, "acme", 0, 1,
                List.of(new QuotaAccountState(1, 1, "2026-11", "", 1, 1, cap, spent, spent, 0, 0, false, 0, 0)), spent,
                1, 1, rejected, dropped, Optional.empty());
    }
}
