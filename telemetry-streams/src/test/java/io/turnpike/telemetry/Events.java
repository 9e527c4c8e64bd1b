package io.turnpike.telemetry;

import io.turnpike.contract.RecordCodec;
import io.turnpike.events.v1.AddressFamily;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.AllocationEventKind;
import io.turnpike.events.v1.ClientTransport;
import io.turnpike.events.v1.DirectionCounters;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.RelayTransport;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.NodeState;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.UsageSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a relay node says, for tests: one node, numbering its records. */
public final class Events {
    private final String nodeId;
    private final long epoch;
    private long seq;

    static {
        RecordCodec.prepareAvro();
    }

    public Events(String nodeId, long epoch) {
        this.nodeId = nodeId;
        this.epoch = epoch;
    }

    public String allocationId(int counter) {
        return nodeId + '-' + epoch + '-' + counter;
    }

    public EventHeader header(Instant at, String tenantId, String userId) {
        return new EventHeader(nodeId, epoch, seq++, at, tenantId, userId);
    }

    public AllocationEvent created(int counter, Instant at, String tenantId, String userId) {
        return event(allocationId(counter), AllocationEventKind.CREATED, at, tenantId, userId).build();
    }

    /** The client takes the allocation to another transport and address (RFC 8016). */
    public AllocationEvent moved(int counter, int seq, Instant at, String tenantId, String userId,
            ClientTransport transport, String prefix) {
        return event(allocationId(counter), AllocationEventKind.MOVED, at, tenantId, userId).setAllocationSeq(seq)
                .setTransport(transport).setClientPrefix(prefix).build();
    }

    public AllocationEvent ended(int counter, Instant at, String tenantId, String userId, EndReason reason) {
        return event(allocationId(counter), AllocationEventKind.ENDED, at, tenantId, userId).setAllocationSeq(99)
                .setEndReason(reason).build();
    }

    public AllocationEvent rejected(Instant at, String tenantId, String userId, int errorCode) {
        return event("", AllocationEventKind.REJECTED, at, tenantId, userId).setErrorCode(errorCode).build();
    }

    public AllocationEvent authFailed(Instant at, String tenantId, long sampledOut) {
        return event("", AllocationEventKind.AUTH_FAILED, at, tenantId, "").setErrorCode(401)
                .setSampledOutCount(sampledOut).build();
    }

    private AllocationEvent.Builder event(String id, AllocationEventKind kind, Instant at, String tenantId,
            String userId) {
        return AllocationEvent.newBuilder().setHeader(header(at, tenantId, userId)).setAllocationId(id)
                .setAllocationSeq(0).setKind(kind).setTransport(ClientTransport.UDP)
                .setRelayFamily(AddressFamily.IPV4).setRelayTransport(RelayTransport.TCP).setEndReason(EndReason.NONE);
    }

    /** A snapshot whose counters are all made from one number: so many bytes each way, a packet per 100 of them. */
    public UsageSnapshot snapshot(int counter, Instant from, Instant at, String tenantId, String userId, long bytes) {
        return snapshot(counter, from, at, tenantId, userId, bytes, bytes);
    }

    public UsageSnapshot snapshot(int counter, Instant from, Instant at, String tenantId, String userId, long out,
            long back) {
        return UsageSnapshot.newBuilder().setHeader(header(at, tenantId, userId))
                .setAllocationId(allocationId(counter)).setAllocationSeq(1).setIntervalStart(from)
                .setClientToRelay(direction(out + out / 25, out)).setRelayToPeer(direction(out, out))
                .setPeerToRelay(direction(back, back)).setRelayToClient(direction(back + back / 25, back))
                .setDroppedPackets(Map.of()).build();
    }

    private static DirectionCounters direction(long wire, long payload) {
        return new DirectionCounters(wire, payload, payload / 100);
    }

    public NodeStatus status(Instant at, NodeState state) {
        return NodeStatus.newBuilder().setHeader(header(at, "", "")).setVersion("test").setState(state)
                .setStartedAt(at).setProcessNonce(epoch).setListeners(List.of("udp://127.0.0.1:3478"))
                .setAllocations(1).setControlConnected(true).setQueueDepth(0).setSpoolBytes(0)
                .setDroppedRecords(Map.of()).setDroppedPackets(Map.of()).setUnauthenticated(Map.of()).build();
    }
}
