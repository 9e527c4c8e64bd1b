package io.turnpike.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NoLeaksTest {
    @Test
    void findsABufferThatNobodyReleased() {
        assertThat(NoLeaks.found()).isEmpty();

        PooledByteBufAllocator.DEFAULT.directBuffer(48).writeLong(1);

        assertThat(NoLeaks.found()).singleElement().asString().contains("was not released");
    }

    @AfterEach
    void forget() {
        RecordingLeakDetector.forget();
    }
}
