package io.turnpike.stun;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The fuzz target. Without {@code JAZZER_FUZZ=1} it runs the committed corpus only; with it, Jazzer looks for more, and
 * puts what it finds beside the corpus.
 */
class DecoderFuzzTest {

    @FuzzTest(maxDuration = "5m")
    void decodesAnyBytes(byte[] bytes) {
        DecoderExercise exercise = new DecoderExercise();
        exercise.readPacket(Unpooled.wrappedBuffer(bytes));
        int half = bytes.length / 2;
        ByteBuf first = Unpooled.directBuffer(Math.max(1, half)).writeBytes(bytes, 0, half);
        ByteBuf second = Unpooled.directBuffer(Math.max(1, bytes.length - half)).writeBytes(bytes, half,
                bytes.length - half);
        exercise.readStream(first, second);
    }
}
