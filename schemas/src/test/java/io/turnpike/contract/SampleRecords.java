package io.turnpike.contract;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** Random records of any schema of the contract, and a walk over everything that a schema names. */
final class SampleRecords {
    static {
        RecordCodec.prepareAvro();
    }

    private SampleRecords() {}

    static SpecificRecord random(Schema schema, Random random) {
        return (SpecificRecord) value(schema, random);
    }

    static Stream<Schema> enumsIn(Schema schema) {
        return walk(schema, new HashSet<>()).filter(found -> found.getType() == Schema.Type.ENUM);
    }

    static Stream<Schema.Field> fieldsIn(Schema schema) {
        return walk(schema, new HashSet<>()).filter(found -> found.getType() == Schema.Type.RECORD)
                .flatMap(found -> found.getFields().stream());
    }

    private static Stream<Schema> walk(Schema schema, Set<String> seen) {
        return switch (schema.getType()) {
            case RECORD -> seen.add(schema.getFullName())
                    ? Stream.concat(Stream.of(schema),
                            schema.getFields().stream().flatMap(field -> walk(field.schema(), seen)))
                    : Stream.empty();
            case ARRAY -> walk(schema.getElementType(), seen);
            case MAP -> walk(schema.getValueType(), seen);
            case UNION -> schema.getTypes().stream().flatMap(branch -> walk(branch, seen));
            default -> Stream.of(schema);
        };
    }

    private static Object value(Schema schema, Random random) {
        return switch (schema.getType()) {
            case RECORD -> record(schema, random);
            case ENUM -> SpecificData.get().createEnum(
                    schema.getEnumSymbols().get(random.nextInt(schema.getEnumSymbols().size())), schema);
            case ARRAY -> list(schema.getElementType(), random);
            case MAP -> map(schema.getValueType(), random);
            case UNION -> value(schema.getTypes().get(random.nextInt(schema.getTypes().size())), random);
            case STRING -> text(random);
            case BYTES -> ByteBuffer.wrap(text(random).getBytes(StandardCharsets.UTF_8));
            case LONG -> schema.getLogicalType() == null ? (Object) random.nextLong() : instant(random);
            case INT -> random.nextInt();
            case BOOLEAN -> random.nextBoolean();
            case NULL -> null;
            default -> throw new IllegalArgumentException("no sample for " + schema.getType());
        };
    }

    private static SpecificRecord record(Schema schema, Random random) {
        try {
            Class<?> type = SpecificData.get().getClass(schema);
            SpecificRecord record = (SpecificRecord) type.getDeclaredConstructor().newInstance();
            schema.getFields().forEach(field -> record.put(field.pos(), value(field.schema(), random)));
            return record;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Object> list(Schema element, Random random) {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            list.add(value(element, random));
        }
        return list;
    }

    private static Map<String, Object> map(Schema value, Random random) {
        Map<String, Object> map = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            map.put(text(random), value(value, random));
        }
        return map;
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(12), 0x20, 0x3100).filter(Character::isLetterOrDigit)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static Instant instant(Random random) {
        return Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000) * 1_000L);
    }
}
