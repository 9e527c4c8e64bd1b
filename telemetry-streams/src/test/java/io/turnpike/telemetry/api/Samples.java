package io.turnpike.telemetry.api;

import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.events.v1.AddressFamily;
import io.turnpike.events.v1.ClientTransport;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.RelayTransport;
import io.turnpike.telemetry.query.Allocation;
import io.turnpike.telemetry.query.DirectionUsage;
import io.turnpike.telemetry.query.Letter;
import io.turnpike.telemetry.query.Node;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.query.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plausible records for tests. */
final class Samples {
    /** A quota of 5 MiB a month, as a caller writes it. */
    static final String HARD = """
            {"mode":"HARD","period":"MONTH","timeZone":"UTC","volumeBytes":5242880,"rateBitsPerSecond":null,
             "maxAllocations":null,"maxAllocationsPerUser":null,"onControlLoss":"STOP"}""";

    private Samples() {}

    /** That a tenant, or a user if it is not empty, has used a percent of the volume. */
    static QuotaAudit warning(String user, int percent, Instant at) {
        RecordCodec.prepareAvro();
        return QuotaAudit.newBuilder().setTenantId("acme").setUserId(user).setOccurredAt(at)
                .setKind(AuditKind.STATE_CHANGED).setFromState(QuotaState.OPEN).setToState(QuotaState.WARN)
                .setWarnedPercent(percent).build();
    }

    /** Packets of 100 payload bytes each way, on channels. */
    static Usage usage(long packetsOut, long packetsIn) {
        DirectionUsage out = new DirectionUsage(packetsOut * 104, packetsOut * 100, packetsOut);
        DirectionUsage in = new DirectionUsage(packetsIn * 104, packetsIn * 100, packetsIn);
        return new Usage(out, new DirectionUsage(packetsOut * 100, packetsOut * 100, packetsOut),
                new DirectionUsage(packetsIn * 100, packetsIn * 100, packetsIn), in, (packetsOut + packetsIn) * 104);
    }

    static Allocation live(String id, String tenant, String user, Instant since, Usage usage) {
        return new Allocation(id, tenant, user, node(id), ClientTransport.UDP,
                AddressFamily.IPV4, RelayTransport.UDP, "192.0.2.0/24", "sample", Optional.of(since),
                since.plusSeconds(30),
                Optional.empty(), EndReason.NONE, Optional.empty(), usage, Map.of("NO_PERMISSION", 2L),
                List.of(new Allocation.TimelineEntry(since, "CREATED", "lifetime 600 s")));
    }

    static Allocation ended(String id, String tenant, String user, Instant since, Usage usage, Outcome outcome) {
        return new Allocation(id, tenant, user, node(id), ClientTransport.TCP,
                AddressFamily.IPV6, RelayTransport.TCP, "2001:db8::/48", "", Optional.of(since), since.plusSeconds(60),
                Optional.of(since.plusSeconds(60)), EndReason.CLIENT_RELEASED, Optional.of(outcome), usage, Map.of(),
                List.of(new Allocation.TimelineEntry(since, "CREATED", ""),
                        new Allocation.TimelineEntry(since.plusSeconds(60), "ENDED", "CLIENT_RELEASED")));
    }

    /** The node of {@code nodeId-epoch-counter}. */
    private static String node(String allocationId) {
        return allocationId.replaceFirst("-[0-9]+-[0-9]+$", "");
    }

    static Node node(String id, Node.State state, int allocations, Instant lastSeen) {
        return new Node(id, 7, "0.1.0", state, lastSeen.minusSeconds(5_400), lastSeen,
                List.of("udp://127.0.0.1:3478", "tcp://127.0.0.1:3478"), allocations, state == Node.State.SERVING, 0, 0,
                Map.of(), Map.of("NO_PERMISSION", 4L), Map.of("401", 12L));
    }

    /** A dead letter of a tenant's usage that nobody can read. */
    static Letter letter(int partition, long offset, Instant at) {
        return new Letter(new Letter.Id(partition, offset), at,
                new Letter.Cause("unreadable", "org.example.Bad", "no Avro single-object header", ""),
                new Letter.Origin("turnpike.bandwidth", 3, 99, Optional.of(at), "turnpike-telemetry"),
                Optional.of("n1-1-1".getBytes(StandardCharsets.UTF_8)), Optional.of(new byte[]{1, 2, (byte) 0xff}), 3,
                List.of(new Letter.Header("trace", new byte[]{4})), true, Optional.empty());
    }
}
