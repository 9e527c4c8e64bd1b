package io.turnpike.node.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final int ALL = 16;

    @TempDir
    Path dir;

    @Test
    void readsWhatWasAppendedInOrder() throws IOException {
        try (Spool spool = Spool.open(dir, 1 << 20)) {
            append(spool, 0, 100);
            assertThat(readAll(spool)).isEqualTo(numbers(0, 100));
            assertThat(spool.isReadOut()).isTrue();
            assertThat(spool.isEmpty()).as("not acknowledged yet").isFalse();
            spool.acknowledge();
            assertThat(spool.isEmpty()).isTrue();
            assertThat(spool.bytes()).isZero();
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void keepsRecordsOverARestartWithoutAClose() throws IOException {
        Spool killed = Spool.open(dir, 1 << 20);
        append(killed, 0, 10);
        try (Spool spool = Spool.open(dir, 1 << 20)) {
            append(spool, 10, 12);
            assertThat(readAll(spool)).isEqualTo(numbers(0, 12));
        }
        killed.close();
    }

    @Test
    void readsAgainWhatWasNotAcknowledged() throws IOException {
        try (Spool spool = Spool.open(dir, 1 << 20)) {
            append(spool, 0, 5);
            readAll(spool);
            spool.rewind();
            assertThat(readAll(spool)).isEqualTo(numbers(0, 5));
        }
        try (Spool spool = Spool.open(dir, 1 << 20)) {
            assertThat(readAll(spool)).isEqualTo(numbers(0, 5));
        }
    }

    @Test
    void cutsATornTailAtEveryByteAndKeepsTheRest() throws IOException {
        try (Spool spool = Spool.open(dir, 1 << 20)) {
            append(spool, 0, 3);
        }
        byte[] whole = Files.readAllBytes(files().get(0));
        long firstTwo = whole.length / 3 * 2;
        for (int end = whole.length - 1; end > firstTwo; end--) {
            Path file = files().get(0);
            Files.write(file, java.util.Arrays.copyOf(whole, end));
            try (Spool spool = Spool.open(dir, 1 << 20)) {
                assertThat(readAll(spool)).as("cut at %d", end).isEqualTo(numbers(0, 2));
                append(spool, 7, 8);
                assertThat(readAll(spool)).containsExactly("value-7");
            }
        }
    }

    @Test
    void stopsAtAFlippedBitAndGoesOnWithTheNextSegment() throws IOException {
        try (Spool spool = Spool.open(dir, 1 << 16)) {
            append(spool, 0, 200);
        }
        List<Path> segments = files();
        assertThat(segments).hasSizeGreaterThan(1);
        try (FileChannel channel = FileChannel.open(segments.get(0), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[]{'X'}), 10);
        }
        try (Spool spool = Spool.open(dir, 1 << 16)) {
            List<String> left = readAll(spool);
            assertThat(left).isNotEmpty().doesNotContain("value-0").contains("value-199");
            assertThat(spool.unreadableSegments()).isEqualTo(1);
        }
    }

    @Test
    void refusesWhatItsBoundDoesNotAllowAndLeavesRoomForFinals() throws IOException {
        try (Spool spool = Spool.open(dir, 16_000)) {
            int steps = 0;
            while (spool.append(record(steps), 8)) {
                steps++;
            }
            assertThat(spool.bytes()).isLessThanOrEqualTo(8_000);
            assertThat(spool.append(record(steps), ALL)).isTrue();
            int finals = 1;
            while (spool.append(record(finals), ALL)) {
                finals++;
            }
            assertThat(spool.bytes()).isLessThanOrEqualTo(16_000);
            assertThat(finals).isGreaterThan(steps / 2);
        }
    }

    @Test
    void makesRoomBySegmentsAsTheyAreAcknowledged() throws IOException {
        try (Spool spool = Spool.open(dir, 1 << 16)) {
            while (spool.append(record(1), ALL)) {
                // fill it
            }
            for (int i = 0; i < 300; i++) {
                spool.read();
            }
            long before = spool.bytes();
            spool.acknowledge();
            assertThat(spool.bytes()).isLessThan(before).isPositive();
            assertThat(spool.append(record(2), ALL)).isTrue();
        }
    }

    @Test
    void aBoundOfZeroKeepsNothing() throws IOException {
        try (Spool spool = Spool.open(dir, 0)) {
            assertThat(spool.append(record(1), ALL)).isFalse();
        }
    }

    private static void append(Spool spool, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            assertThat(spool.append(record(i), ALL)).isTrue();
        }
    }

    private static WireRecord record(int number) {
        return new WireRecord("topic", "key-" + number, ("value-" + number).getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> readAll(Spool spool) throws IOException {
        List<String> read = new ArrayList<>();
        for (WireRecord record = spool.read(); record != null; record = spool.read()) {
            read.add(new String(record.value(), StandardCharsets.UTF_8));
        }
        return read;
    }

    private static List<String> numbers(int from, int to) {
        List<String> numbers = new ArrayList<>();
        for (int i = from; i < to; i++) {
            numbers.add("value-" + i);
        }
        return numbers;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.sorted().toList();
        }
    }
}
