package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

class StreamFramerTest {

    private static final String BINDING = "000100002112a4420102030405060708090a0b0c";
    private static final String SOFTWARE = "000100082112a4420102030405060708090a0b0c8022000361626300";
    private static final String EMPTY_CHANNEL = "40000000";
    private static final String PADDED_CHANNEL = "7ffe000561626364650a0b0c";

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private StreamFramer framer = new StreamFramer(allocator, StreamFramer.MAX_FRAME_BYTES);

    @AfterEach
    void holdsNothing() {
        framer.close();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 19, 20, 21, 40, 64, 1000})
    void cutsWhateverTheSegmentsAre(int segment) {
        String stream = BINDING + EMPTY_CHANNEL + PADDED_CHANNEL + SOFTWARE + PADDED_CHANNEL + BINDING;
        List<String> frames = new ArrayList<>();
        for (int at = 0; at < stream.length(); at += segment * 2) {
            framer.add(bytes(stream.substring(at, Math.min(stream.length(), at + segment * 2))));
            frames.addAll(drain());
        }

        assertThat(frames).containsExactly(BINDING, EMPTY_CHANNEL, PADDED_CHANNEL, SOFTWARE, PADDED_CHANNEL, BINDING);
        assertThat(framer.violation()).isEqualTo(StreamFramer.Violation.NONE);
    }

    @Test
    void keepsAFrameAliveWhileMoreArrives() {
        framer.add(bytes(BINDING + "4000"));
        ByteBuf first = framer.next();
        framer.add(bytes("0000"));
        ByteBuf second = framer.next();

        assertThat(hex(first)).isEqualTo(BINDING);
        assertThat(hex(second)).isEqualTo(EMPTY_CHANNEL);
        first.release();
        second.release();
    }

    @ParameterizedTest
    @CsvSource({"10, WRONG_KIND", "16030100, WRONG_KIND", "80, WRONG_KIND", "00010001, LENGTH_NOT_ALIGNED",
        "0001000021000000, NO_MAGIC_COOKIE", "474554202f204854, NONE"})
    void reportsWhatItCannotCut(String stream, StreamFramer.Violation expected) {
        framer.add(bytes(BINDING + stream));

        assertThat(drain()).containsExactly(BINDING);
        assertThat(framer.violation()).isEqualTo(expected);
    }

    @Test
    void dropsWhatFollowsAViolation() {
        framer.add(bytes("ff"));
        assertThat(drain()).isEmpty();
        framer.add(bytes(BINDING));

        assertThat(drain()).isEmpty();
        assertThat(framer.violation()).isEqualTo(StreamFramer.Violation.WRONG_KIND);
        assertThat(framer.violation().label()).isEqualTo("stream_wrong_kind");
    }

    @Test
    void boundsAFrameBeforeItArrives() {
        framer = new StreamFramer(allocator, 1500);
        framer.add(bytes("400005d9"));
        assertThat(drain()).isEmpty();
        assertThat(framer.violation()).isEqualTo(StreamFramer.Violation.FRAME_TOO_LONG);

        framer = new StreamFramer(allocator, 1500);
        framer.add(bytes("400005d8"));
        assertThat(drain()).isEmpty();
        assertThat(framer.violation()).as("1496 bytes of data fit").isEqualTo(StreamFramer.Violation.NONE);
    }

    @Test
    void acceptsLongerFramesWhenTheBoundIsRaised() {
        framer = new StreamFramer(allocator, 1500);
        framer.limit(2000);
        framer.add(bytes("400005d9"));
        assertThat(drain()).isEmpty();
        assertThat(framer.violation()).isEqualTo(StreamFramer.Violation.NONE);
        assertThatIllegalArgumentException().isThrownBy(() -> framer.limit(StreamFramer.MAX_FRAME_BYTES + 1));
    }

    @Test
    void keepsOnlyWhatArrivedOfAPieceNotTheBufferThatItCameIn() {
        framer.add(allocator.buffer(65_536).writeBytes(hex(BINDING + "40000010")));
        assertThat(drain()).containsExactly(BINDING);

        assertThat(allocator.metric().usedHeapMemory()).isLessThan(1024);
    }

    @Test
    void passesTheLargestFrames() {
        String channelData = "4000ffff" + "00".repeat(65536);
        String stun = "0001fffc2112a4420102030405060708090a0b0c" + "00".repeat(65532);
        framer.add(bytes(channelData.substring(0, 1000)));
        framer.add(bytes(channelData.substring(1000) + stun));

        assertThat(drain()).containsExactly(channelData, stun);
    }

    @Test
    void handsOverWhatFollowsTheLastFrame() {
        framer.add(bytes(BINDING + "ff00ff"));
        ByteBuf frame = framer.next();
        ByteBuf rest = framer.remainder();

        assertThat(hex(frame)).isEqualTo(BINDING);
        assertThat(hex(rest)).isEqualTo("ff00ff");
        assertThat(framer.remainder()).isNull();
        frame.release();
        rest.release();
    }

    @Test
    void rejectsAnImpossibleBound() {
        assertThatIllegalArgumentException().isThrownBy(() -> new StreamFramer(allocator, 19));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamFramer(allocator, StreamFramer.MAX_FRAME_BYTES + 1));
    }

    private List<String> drain() {
        List<String> frames = new ArrayList<>();
        for (ByteBuf frame = framer.next(); frame != null; frame = framer.next()) {
            frames.add(hex(frame));
            frame.release();
        }
        return frames;
    }

    private ByteBuf bytes(String hex) {
        ByteBuf source = hex(hex);
        return allocator.buffer(source.readableBytes()).writeBytes(source);
    }
}
