package io.turnpike.contract;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookProgress;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.MilestoneEvent;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.PermissionEvent;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.events.v1.UsageRollup;
import io.turnpike.events.v1.UsageSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Avro records to and from bytes in single-object encoding (Avro 1.12 specification): {@code C3 01}, the schema's
 * CRC-64-AVRO fingerprint, the body. The schemas are those of this build, so no registry service is needed.
 * Thread-safe.
 */
public final class RecordCodec {
    private static final int HEADER_BYTES = 10;
    private static final short MARKER = (short) 0xC301;

    /** Largest string or byte field, and largest array or map; far above any record of the contract. */
    private static final Map<String, String> LIMITS = Map.of("org.apache.avro.limits.string.maxLength", "1048576",
            "org.apache.avro.limits.bytes.maxLength", "1048576", "org.apache.avro.limits.collectionItems.maxLength",
            "100000");

    private static final List<SpecificRecordBase> TOP_LEVEL = List.of(new AllocationEvent(), new PermissionEvent(),
            new MilestoneEvent(), new UsageSnapshot(), new TenantNodeUsage(), new NodeStatus(), new UsageRollup(),
            new TenantRecord(), new QuotaPolicy(), new Revocation(), new QuotaGrant(), new QuotaShare(),
            new TenantCommand(), new QuotaAudit(), new Webhook(), new WebhookCommand(), new WebhookProgress());

    private static final Map<Class<?>, BinaryMessageEncoder<SpecificRecord>> ENCODERS = new HashMap<>();
    private static final Map<Long, DatumReader<SpecificRecord>> READERS = new HashMap<>();
    /** Keeps nothing between records but its buffers. */
    private static final ThreadLocal<BinaryDecoder> DECODER = new ThreadLocal<>();

    static {
        prepareAvro();
        for (SpecificRecordBase record : TOP_LEVEL) {
            Schema schema = record.getSchema();
            SpecificData data = record.getSpecificData();
            // Its buffer is the thread's own and is copied below.
            ENCODERS.put(record.getClass(), new BinaryMessageEncoder<>(data, schema, false));
            READERS.put(SchemaNormalization.parsingFingerprint64(schema),
                    new SpecificDatumReader<>(schema, schema, data));
            for (Schema released : released(schema.getName())) {
                READERS.putIfAbsent(SchemaNormalization.parsingFingerprint64(released),
                        new SpecificDatumReader<>(released, schema, data));
            }
        }
    }

    private RecordCodec() {}

    /**
     * Prepares Avro for bytes that anyone may have written: its class filter (1.12.2) is told to load this project's
     * generated classes, and a length in a broken record cannot ask for gigabytes. Runs by itself when this class is
     * first used; programs with Avro records of their own call it before they read one. Limits that are set as system
     * properties already stay.
     */
    public static void prepareAvro() {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(ClassSecurityValidator.DEFAULT,
                type -> type.getName().startsWith("io.turnpike.")));
        LIMITS.forEach((property, limit) -> {
            if (System.getProperty(property) == null) {
                System.setProperty(property, limit);
            }
        });
    }

    /** The result of reading bytes: a record, or why there is none. Bad bytes are a value, not an exception. */
    public sealed interface Decoded permits Decoded.Good, Decoded.Bad {
        /** A record. */
        record Good(SpecificRecord record) implements Decoded {}

        /** Bytes that are no record of this build, with the reason for people. */
        record Bad(String reason) implements Decoded {}
    }

    /** Earlier released schemas of a record: what a topic may still hold. */
    private static List<Schema> released(String recordName) {
        List<Schema> released = new ArrayList<>();
        for (int n = 1;; n++) {
            try (InputStream file = RecordCodec.class
                    .getResourceAsStream("released/" + recordName + "/" + n + ".avsc")) {
                if (file == null) {
                    return released;
                }
                released.add(new Schema.Parser().parse(file));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read released schema " + n + " of " + recordName, e);
            }
        }
    }

    /** The schemas that this build writes; it also reads every released one. */
    public static List<Schema> schemas() {
        return TOP_LEVEL.stream().map(SpecificRecordBase::getSchema).toList();
    }

    /**
     * Encodes a record.
     *
     * @throws IllegalArgumentException if the record is no top-level record of the contract
     */
    public static byte[] encode(SpecificRecord record) {
        BinaryMessageEncoder<SpecificRecord> encoder = ENCODERS.get(record.getClass());
        if (encoder == null) {
            throw new IllegalArgumentException("not a record of the contract: " + record.getClass().getName());
        }
        try {
            ByteBuffer bytes = encoder.encode(record);
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode " + record.getSchema().getFullName(), e);
        }
    }

    /** Decodes bytes; never throws for what the bytes hold. */
    public static Decoded decode(byte[] bytes) {
        if (bytes == null || bytes.length < HEADER_BYTES || ByteBuffer.wrap(bytes).getShort(0) != MARKER) {
            return new Decoded.Bad("no Avro single-object header");
        }
        long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
        DatumReader<SpecificRecord> reader = READERS.get(fingerprint);
        if (reader == null) {
            return new Decoded.Bad("unknown schema fingerprint " + Long.toHexString(fingerprint));
        }
        try {
            BinaryDecoder body = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES,
                    DECODER.get());
            DECODER.set(body);
            return new Decoded.Good(reader.read(null, body));
        } catch (IOException | RuntimeException e) { // Avro answers broken bytes with many kinds of exception
            return new Decoded.Bad("broken body: " + e.getMessage());
        }
    }

    /**
     * Decodes bytes that must be of one type, such as a store's own values.
     *
     * @throws IllegalStateException if they are not
     */
    public static <R extends SpecificRecord> R decode(byte[] bytes, Class<R> type) {
        if (decode(bytes) instanceof Decoded.Good good && type.isInstance(good.record())) {
            return type.cast(good.record());
        }
        throw new IllegalStateException("not a " + type.getSimpleName());
    }
}
