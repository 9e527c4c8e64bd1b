package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.transport.ProxyHeader.Outcome;

/**
 * The fuzz target. Without {@code JAZZER_FUZZ=1} it runs the committed corpus only; with it, Jazzer looks for more, and
 * puts what it finds beside the corpus.
 */
class ProxyHeaderFuzzTest {
    @FuzzTest(maxDuration = "5m")
    void readsAnyBytesTheSameHoweverTheyCome(byte[] bytes) {
        ByteBuf all = Unpooled.wrappedBuffer(bytes);
        ProxyHeader header = ProxyHeader.read(all);
        assertThat(all.readerIndex()).isZero();
        assertThat(header.bytes()).isBetween(0, Math.min(bytes.length, ProxyHeader.MAX_BYTES));

        // Byte by byte, it waits until it knows, and then says the same.
        for (int length = 0; length <= Math.min(bytes.length, ProxyHeader.MAX_BYTES + 1); length++) {
            ProxyHeader soFar = ProxyHeader.read(Unpooled.wrappedBuffer(bytes, 0, length));
            if (soFar.outcome() != Outcome.INCOMPLETE) {
                assertThat(soFar).isEqualTo(header);
                return;
            }
        }
        assertThat(header.outcome()).isEqualTo(Outcome.INCOMPLETE);
    }
}
