package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.RecordCodec.Decoded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What was released stays readable. {@code released/<Record>/<n>.avsc} is the n-th released schema of a record and
 * {@code <n>.bin} a record that was written with it. {@code mvn -pl schemas test -Dturnpike.release=true} adds the
 * schemas of this build as the next release where they changed.
 */
class ReleasedSchemasTest {
    private static final Path RELEASED = Path.of("src/main/resources/io/turnpike/contract/released");
    private static final int SINGLE_OBJECT_HEADER_BYTES = 10;

    @BeforeAll
    static void releaseWhenAsked() throws IOException {
        if (!Boolean.getBoolean("turnpike.release")) {
            return;
        }
        for (Schema schema : RecordCodec.schemas()) {
            Path folder = Files.createDirectories(RELEASED.resolve(schema.getName()));
            List<Path> before = releases(schema);
            if (before.isEmpty() || !parse(before.get(before.size() - 1)).equals(schema)) {
                String name = Integer.toString(before.size() + 1);
                Files.writeString(folder.resolve(name + ".avsc"), SchemaFormatter.format("json/pretty", schema) + "\n");
                Files.write(folder.resolve(name + ".bin"),
                        RecordCodec.encode(SampleRecords.random(schema, new Random(before.size()))));
            }
        }
    }

    static Stream<Path> everyRelease() {
        return RecordCodec.schemas().stream().flatMap(schema -> releases(schema).stream());
    }

    @ParameterizedTest
    @MethodSource("everyRelease")
    void isCompatibleBothWaysWithThisBuild(Path release) {
        Schema released = parse(release);
        Schema current = current(released);

        assertThat(compatibility(current, released)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        assertThat(compatibility(released, current)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    @ParameterizedTest
    @MethodSource("everyRelease")
    void itsGoldenBytesAreReadWithEveryValue(Path release) throws IOException {
        Schema released = parse(release);
        byte[] bytes = Files
                .readAllBytes(release.resolveSibling(release.getFileName().toString().replace("avsc", "bin")));
        GenericRecord written = new GenericDatumReader<GenericRecord>(released).read(null, DecoderFactory.get()
                .binaryDecoder(bytes, SINGLE_OBJECT_HEADER_BYTES, bytes.length - SINGLE_OBJECT_HEADER_BYTES, null));

        Decoded decoded = RecordCodec.decode(bytes);

        assertThat(decoded).isInstanceOf(Decoded.Good.class);
        byte[] rewritten = RecordCodec.encode(((Decoded.Good) decoded).record());
        GenericRecord read = new GenericDatumReader<GenericRecord>(current(released), released).read(null,
                DecoderFactory.get().binaryDecoder(rewritten, SINGLE_OBJECT_HEADER_BYTES,
                        rewritten.length - SINGLE_OBJECT_HEADER_BYTES, null));
        assertThat(read).isEqualTo(written);
    }

    @Test
    void everyRecordOfTheContractIsReleased() {
        assertThat(RecordCodec.schemas()).allSatisfy(schema -> assertThat(releases(schema)).as(schema.getName())
                .isNotEmpty());
    }

    private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
    }

    private static Schema current(Schema released) {
        return RecordCodec.schemas().stream().filter(schema -> schema.getFullName().equals(released.getFullName()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(released.getFullName() + " was released and is gone"));
    }

    private static List<Path> releases(Schema schema) {
        Path folder = RELEASED.resolve(schema.getName());
        return Stream.iterate(1, n -> n + 1).map(n -> folder.resolve(n + ".avsc")).takeWhile(Files::exists).toList();
    }

    private static Schema parse(Path file) {
        try {
            return new Schema.Parser().parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
