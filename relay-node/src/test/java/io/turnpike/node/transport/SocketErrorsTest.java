package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.turnpike.node.allocation.ManualTime;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

class SocketErrorsTest {
    private final ManualTime time = new ManualTime();
    private final SocketErrors errors = new SocketErrors(time::nanoTime);

    @Test
    void logsOneLineASecondAndCountsTheOthers() {
        assertThat(errors.mayLog()).isTrue();
        for (int i = 0; i < 1000; i++) {
            assertThat(errors.mayLog()).isFalse();
        }
        time.advance(Duration.ofSeconds(1));
        assertThat(errors.mayLog()).isTrue();
        assertThat(errors.takeLeftOut()).isEqualTo(1000);
        assertThat(errors.takeLeftOut()).isZero();
    }

    @Test
    void takesOnlyWhatNoStrangerCanCauseForABug() {
        EmbeddedChannel channel = new EmbeddedChannel();
        errors.unexpected("stream", channel, new IOException("reset"));
        errors.unexpected("stream", channel, new DecoderException(new SSLException("a forged record")));
        assertThat(errors.mayLog()).isTrue();

        errors.unexpected("stream", channel, new DecoderException(new IllegalStateException("a bug")));
        assertThat(errors.takeLeftOut()).isOne();
        channel.close();
    }
}
