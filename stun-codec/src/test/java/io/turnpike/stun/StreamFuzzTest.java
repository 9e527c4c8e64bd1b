package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * The fuzz target of the stream reassembly: however the bytes are cut into segments, the same frames come out, the same
 * rest is left, and nothing leaks. {@code JAZZER_FUZZ=1} looks beyond the committed corpus.
 */
class StreamFuzzTest {

    private static final int SEED_BYTES = 2;
    private static final int MAX_FRAME_BYTES = 1500;
    private static final int LONGEST_SEGMENT = 40;

    @FuzzTest(maxDuration = "5m")
    void cutsTheSameFramesWhateverTheSegmentsAre(byte[] bytes) {
        if (bytes.length < SEED_BYTES) {
            return;
        }
        byte[] stream = Arrays.copyOfRange(bytes, SEED_BYTES, bytes.length);
        SplittableRandom cuts = new SplittableRandom(bytes[0] << 8 | bytes[1]);
        List<byte[]> segments = new ArrayList<>();
        for (int at = 0; at < stream.length;) {
            int end = Math.min(stream.length, at + 1 + cuts.nextInt(LONGEST_SEGMENT));
            segments.add(Arrays.copyOfRange(stream, at, end));
            at = end;
        }

        Cut whole = cut(List.of(stream));
        Cut pieces = cut(segments);

        assertThat(pieces.frames).isEqualTo(whole.frames);
        assertThat(pieces.violated).isEqualTo(whole.violated);
        assertThat(pieces.rest).isEqualTo(whole.rest);
    }

    private record Cut(List<String> frames, boolean violated, String rest) {}

    private static Cut cut(List<byte[]> segments) {
        List<String> frames = new ArrayList<>();
        List<ByteBuf> given = new ArrayList<>();
        Cut cut;
        try (StreamFramer framer = new StreamFramer(UnpooledByteBufAllocator.DEFAULT, MAX_FRAME_BYTES)) {
            for (byte[] segment : segments) {
                ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.buffer(Math.max(1, segment.length));
                given.add(buffer.writeBytes(segment));
                framer.add(buffer);
                for (ByteBuf frame = framer.next(); frame != null; frame = framer.next()) {
                    frames.add(ByteBufUtil.hexDump(frame));
                    frame.release();
                }
            }
            ByteBuf rest = framer.remainder();
            cut = new Cut(frames, framer.violation() != StreamFramer.Violation.NONE,
                    rest == null ? "" : ByteBufUtil.hexDump(rest));
            if (rest != null) {
                rest.release();
            }
        }
        assertThat(given).allMatch(buffer -> buffer.refCnt() == 0);
        return cut;
    }
}
