package io.turnpike.benchmarks.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class StreamsOptionsTest {

    @Test
    void spreadsPartitionsOverThreadsUnlessToldOtherwise() {
        assertThat(StreamsOptions.parse().partitions()).isEqualTo(6);
        assertThat(StreamsOptions.parse("--threads", "2").partitions()).isEqualTo(12);
        assertThat(StreamsOptions.parse("--threads", "8").partitions()).isEqualTo(24);
        assertThat(StreamsOptions.parse("--threads", "2", "--partitions", "4").partitions()).isEqualTo(4);
    }

    @Test
    void isShortWhenQuick() {
        assertThat(StreamsOptions.parse("--records", "1000000", "--quick").records()).isEqualTo(20_000);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        refuses("--users", "0");
        refuses("--partitions", "25");
        refuses("--rounds");
        refuses("--speed", "1");
    }

    private static void refuses(String... arguments) {
        assertThatIllegalArgumentException().isThrownBy(() -> StreamsOptions.parse(arguments));
    }
}
