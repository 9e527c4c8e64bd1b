package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * A million mutations of the corpus, the same in every run. Its allocator has no leak detector, which would record every
 * read; the test checks reference counts and the allocator's metric itself.
 */
class SeededMutationTest {

    private static final long SEED = 8489_8656L;
    private static final int MUTATIONS = 1_000_000;
    private static final int STREAM_EVERY = 8;
    private static final int[] TELLING = {0, 1, 3, 4, 8, 12, 16, 20, 32, 36, 0x7F, 0x80, 0xFC, 0xFF};

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final DecoderExercise exercise = new DecoderExercise();
    private final List<byte[]> corpus = corpus();

    @Test
    void decodesAMillionMutationsWithoutAnException() {
        Map<Malformed, Integer> seen = new EnumMap<>(Malformed.class);
        ByteBuf packet = allocator.directBuffer(4096);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = mutant();
            try {
                seen.merge(read(packet, bytes), 1, Integer::sum);
                if (i % STREAM_EVERY == 0) {
                    int cut = random.nextInt(bytes.length + 1);
                    exercise.readStream(copy(bytes, 0, cut), copy(bytes, cut, bytes.length));
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("mutation " + i + " of seed " + SEED + ": " + HexFormat.of().formatHex(bytes),
                        e);
            }
        }
        packet.release();

        assertThat(allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory()).isZero();
        assertThat(seen).as("the mutations reach every verdict").containsOnlyKeys(Malformed.values());
        assertThat(seen.get(Malformed.NONE)).as("and go deep").isGreaterThan(MUTATIONS / 10);
    }

    private Malformed read(ByteBuf packet, byte[] bytes) {
        packet.clear().writeBytes(bytes);
        Malformed verdict = exercise.readPacket(packet);
        for (int at = 0; at < bytes.length; at++) {
            if (packet.getByte(at) != bytes[at]) {
                throw new AssertionError("the decoder changed byte " + at);
            }
        }
        return verdict;
    }

    private byte[] mutant() {
        byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
        int steps = 1 + random.nextInt(3);
        for (int step = 0; step < steps; step++) {
            bytes = mutate(bytes);
        }
        return bytes;
    }

    private byte[] mutate(byte[] bytes) {
        if (bytes.length == 0) {
            return corpus.get(random.nextInt(corpus.size())).clone();
        }
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> bytes[at] = (byte) TELLING[random.nextInt(TELLING.length)];
            case 3 -> bytes = withRightLength(Arrays.copyOf(bytes, random.nextInt(bytes.length + 9)));
            case 4 -> bytes = withRightLength(splice(bytes, at & ~3));
            default -> bytes = withRightLength(bytes);
        }
        return bytes;
    }

    /** The head of one message and the tail of another. */
    private byte[] splice(byte[] head, int headBytes) {
        byte[] tail = corpus.get(random.nextInt(corpus.size()));
        int from = tail.length == 0 ? 0 : random.nextInt(tail.length) & ~3;
        byte[] both = Arrays.copyOf(head, headBytes + tail.length - from);
        System.arraycopy(tail, from, both, headBytes, tail.length - from);
        return both;
    }

    /** Corrects the length field half of the time, or nothing would get past the header. */
    private byte[] withRightLength(byte[] bytes) {
        if (bytes.length >= StunFrame.HEADER_BYTES && random.nextBoolean()) {
            int length = bytes.length - StunFrame.HEADER_BYTES;
            bytes[2] = (byte) (length >> 8);
            bytes[3] = (byte) length;
        }
        return bytes;
    }

    private ByteBuf copy(byte[] bytes, int from, int to) {
        return allocator.heapBuffer(Math.max(1, to - from)).writeBytes(bytes, from, to - from);
    }

    private static List<byte[]> corpus() {
        try (Stream<Path> files = Files.list(Path
                .of(SeededMutationTest.class.getResource("DecoderFuzzTestInputs/decodesAnyBytes").toURI()))) {
            return files.sorted().map(SeededMutationTest::bytes).toList();
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
