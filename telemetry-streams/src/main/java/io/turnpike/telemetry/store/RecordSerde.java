package io.turnpike.telemetry.store;

import io.turnpike.contract.RecordCodec;
import java.util.List;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Records of the contract as Kafka values. A value that is none of the expected types is a
 * {@link SerializationException}, which the application's deserialization handler turns into a dead letter; null stays
 * null, since it is a tombstone.
 */
public final class RecordSerde {
    private RecordSerde() {}

    /** A serde for a topic or store that holds one type of record. */
    public static <R extends SpecificRecord> Serde<R> of(Class<R> type) {
        return Serdes.serdeFrom(serializer(), deserializer(type));
    }

    /** A serde for a topic that holds several types of records. */
    public static Serde<SpecificRecord> anyOf(List<Class<? extends SpecificRecord>> types) {
        Set<Class<? extends SpecificRecord>> expected = Set.copyOf(types);
        Deserializer<SpecificRecord> reader = (topic, bytes) -> {
            if (bytes == null) {
                return null;
            }
            SpecificRecord record = read(topic, bytes);
            if (!expected.contains(record.getClass())) {
                throw unexpected(topic, record);
            }
            return record;
        };
        return Serdes.serdeFrom(serializer(), reader);
    }

    /** Writes records of the contract; null is a tombstone. */
    public static <R extends SpecificRecord> Serializer<R> serializer() {
        return (topic, record) -> record == null ? null : RecordCodec.encode(record);
    }

    /** Reads records of one type. */
    public static <R extends SpecificRecord> Deserializer<R> deserializer(Class<R> type) {
        return (topic, bytes) -> {
            if (bytes == null) {
                return null;
            }
            SpecificRecord record = read(topic, bytes);
            if (!type.isInstance(record)) {
                throw unexpected(topic, record);
            }
            return type.cast(record);
        };
    }

    private static SpecificRecord read(String topic, byte[] bytes) {
        RecordCodec.Decoded decoded = RecordCodec.decode(bytes);
        if (decoded instanceof RecordCodec.Decoded.Good good) {
            return good.record();
        }
        throw new SerializationException(((RecordCodec.Decoded.Bad) decoded).reason());
    }

    private static SerializationException unexpected(String topic, SpecificRecord record) {
        return new SerializationException("unexpected " + record.getSchema().getName() + " in " + topic);
    }
}
