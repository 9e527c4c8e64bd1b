package io.turnpike.node.kafka;

import io.turnpike.node.event.BillableRule;
import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationRef;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.RelayFamily;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.event.UsageSampled;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Map;

/** Events of made-up allocations. */
final class SampleEvents {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private SampleEvents() {}

    static AllocationRef allocation(int number) {
        return new AllocationRef("acme", "al", "n1-7-" + number);
    }

    static AllocationCreated created(int number) {
        return new AllocationCreated(NOW, allocation(number), 0, ClientTransport.UDP, RelayTransport.UDP,
                RelayFamily.IPV4, "192.0.2.0/24",
                "test", Duration.ofSeconds(600), Duration.ofMillis(7));
    }

    static UsageSampled sampled(int number, int allocationSeq, long bytes, boolean isFinal) {
        DirectionCount count = new DirectionCount(bytes + 4, bytes, 1);
        return new UsageSampled(NOW, allocation(number), allocationSeq, NOW, count, count, count, count,
                BillableRule.BOTH_DIRECTIONS, Map.of(), 1,
                isFinal);
    }

    static AllocationEnded ended(int number, int allocationSeq) {
        return new AllocationEnded(NOW, allocation(number), allocationSeq, ClientTransport.UDP, RelayFamily.IPV4,
                EndReason.CLIENT_RELEASED, Duration.ZERO);
    }

    static TenantUsageReported reported(String tenantId, long billableBytes) {
        return new TenantUsageReported(NOW, tenantId, 1, 0, List.of(), billableBytes, 1, 1, 0, 0,
                Optional.empty());
    }
}
