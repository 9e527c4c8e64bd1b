package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.contract.RecordCodec.Decoded;
import io.turnpike.events.v1.DirectionCounters;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordCodecTest {
    private static final long SEED = 0x7475726e70696b65L;

    static List<Schema> schemas() {
        return RecordCodec.schemas();
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void writesAndReadsEveryRecordOfTheContract(Schema schema) {
        for (int seed = 0; seed < 50; seed++) {
            SpecificRecord record = SampleRecords.random(schema, new Random(SEED + seed));

            Decoded decoded = RecordCodec.decode(RecordCodec.encode(record));

            assertThat(decoded).isEqualTo(new Decoded.Good(record));
        }
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void saysWhyBrokenBytesAreNoRecord(Schema schema) {
        byte[] good = RecordCodec.encode(SampleRecords.random(schema, new Random(SEED)));
        Random random = new Random(SEED);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 4));
            for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            assertThat(RecordCodec.decode(bytes)).isNotNull();
        }
    }

    @Test
    void refusesBytesWithoutTheSingleObjectHeader() {
        assertThat(RecordCodec.decode(new byte[0])).isInstanceOf(Decoded.Bad.class);
        assertThat(RecordCodec.decode(null)).isInstanceOf(Decoded.Bad.class);
        assertThat(RecordCodec.decode("{\"json\":true}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new Decoded.Bad("no Avro single-object header"));
    }

    @Test
    void namesAnUnknownFingerprint() {
        byte[] bytes = new byte[10];
        bytes[0] = (byte) 0xC3;
        bytes[1] = 1;
        bytes[2] = 0x2a;

        assertThat(RecordCodec.decode(bytes)).isEqualTo(new Decoded.Bad("unknown schema fingerprint 2a"));
    }

    @Test
    void refusesToWriteAPartOfARecordAlone() {
        assertThatThrownBy(() -> RecordCodec.encode(new DirectionCounters()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("DirectionCounters");
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void everyEnumEndsInUnknownAndDefaultsToIt(Schema schema) {
        SampleRecords.enumsIn(schema).forEach(found -> {
            assertThat(found.getEnumSymbols()).as(found.getFullName()).last().isEqualTo("UNKNOWN");
            assertThat(found.getEnumDefault()).as(found.getFullName()).isEqualTo("UNKNOWN");
        });
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void everyFieldIsDocumentedAndNoByteCountIsAnInt(Schema schema) {
        SampleRecords.fieldsIn(schema).forEach(field -> {
            assertThat(field.doc()).as(field.name()).isNotBlank();
            if (field.name().endsWith("Bytes") || field.name().endsWith("packets")) {
                assertThat(field.schema().toString()).as(field.name()).contains("long");
            }
        });
    }
}
