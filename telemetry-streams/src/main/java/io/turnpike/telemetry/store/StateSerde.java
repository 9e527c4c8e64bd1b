package io.turnpike.telemetry.store;

import io.turnpike.contract.RecordCodec;
import io.turnpike.telemetry.store.v1.AuditedEpoch;
import io.turnpike.telemetry.store.v1.AuditedHour;
import io.turnpike.telemetry.store.v1.NodeCounts;
import io.turnpike.telemetry.store.v1.NodeEntry;
import io.turnpike.telemetry.store.v1.NodeGone;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.SessionCounters;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsageDelta;
import io.turnpike.telemetry.store.v1.UsagePart;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The application's own Avro records, in stores and between steps, in single-object encoding as the contract's. The
 * fingerprint in front lets a later build read what an earlier one stored.
 */
public final class StateSerde {
    static {
        RecordCodec.prepareAvro();
    }

    private StateSerde() {}

    /** Allocations. */
    public static Serde<Session> session() {
        return of(new Session());
    }

    /** Buckets of users, tenants and the cluster. */
    public static Serde<UsageBucket> usageBucket() {
        return of(new UsageBucket());
    }

    /** Growth on its way to users, tenants, nodes and the cluster. */
    public static Serde<UsageDelta> usageDelta() {
        return of(new UsageDelta());
    }

    /** Minutes that are still open. */
    public static Serde<UsagePart> usagePart() {
        return of(new UsagePart());
    }

    /** Counters of live allocations. */
    public static Serde<SessionCounters> sessionCounters() {
        return of(new SessionCounters());
    }

    /** Relay nodes. */
    public static Serde<NodeEntry> nodeEntry() {
        return of(new NodeEntry());
    }

    /** Nodes that went silent. */
    public static Serde<NodeGone> nodeGone() {
        return of(new NodeGone());
    }

    /** Events as nodes count them. */
    public static Serde<NodeCounts> nodeCounts() {
        return of(new NodeCounts());
    }

    /** Epochs of nodes as the auditor knows them. */
    public static Serde<AuditedEpoch> auditedEpoch() {
        return of(new AuditedEpoch());
    }

    /** Hours of epochs as the auditor knows them. */
    public static Serde<AuditedHour> auditedHour() {
        return of(new AuditedHour());
    }

    private static <R extends SpecificRecordBase> Serde<R> of(R prototype) {
        StateCodec<R> codec = new StateCodec<>(prototype);
        return Serdes.serdeFrom((topic, record) -> record == null ? null : codec.encode(record),
                (topic, bytes) -> bytes == null ? null : codec.decode(bytes));
    }
}
