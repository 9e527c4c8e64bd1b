package io.turnpike.telemetry.store;

import io.turnpike.contract.RecordCodec;
import io.turnpike.telemetry.store.v1.NodeEntry;
import io.turnpike.telemetry.store.v1.NodeGone;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.TenantDelta;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsageDelta;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.errors.SerializationException;
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

    /** Growth on its way to a user. */
    public static Serde<UsageDelta> usageDelta() {
        return of(new UsageDelta());
    }

    /** Growth on its way to a tenant. */
    public static Serde<TenantDelta> tenantDelta() {
        return of(new TenantDelta());
    }

    /** Relay nodes. */
    public static Serde<NodeEntry> nodeEntry() {
        return of(new NodeEntry());
    }

    /** Nodes that went silent. */
    public static Serde<NodeGone> nodeGone() {
        return of(new NodeGone());
    }

    private static <R extends SpecificRecordBase> Serde<R> of(R prototype) {
        SpecificData data = prototype.getSpecificData();
        BinaryMessageEncoder<R> encoder = new BinaryMessageEncoder<>(data, prototype.getSchema());
        BinaryMessageDecoder<R> decoder = new BinaryMessageDecoder<>(data, prototype.getSchema());
        return Serdes.serdeFrom((topic, record) -> record == null ? null : encode(encoder, record),
                (topic, bytes) -> bytes == null ? null : decode(decoder, bytes));
    }

    private static <R> byte[] encode(BinaryMessageEncoder<R> encoder, R record) {
        try {
            ByteBuffer buffer = encoder.encode(record);
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new SerializationException("cannot encode state", e);
        }
    }

    private static <R> R decode(BinaryMessageDecoder<R> decoder, byte[] bytes) {
        try {
            return decoder.decode(bytes);
        } catch (IOException e) {
            throw new SerializationException("cannot decode state", e);
        }
    }
}
