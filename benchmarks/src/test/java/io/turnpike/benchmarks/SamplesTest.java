package io.turnpike.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void aPercentileIsASampleThatIsNotExceededMoreOften() {
        Samples samples = new Samples(List.of(4.0, 1.0, 3.0, 2.0));

        assertThat(samples.percentile(0.5)).isEqualTo(2);
        assertThat(samples.percentile(0.51)).isEqualTo(3);
        assertThat(samples.percentile(0.99)).isEqualTo(4);
        assertThat(samples.percentile(1)).isEqualTo(4);
        assertThat(new Samples(List.of(7.0)).percentile(0)).isEqualTo(7);
    }

    @Test
    void describesItself() {
        assertThat(new Samples(List.of(56.78, 12.34)).describe())
                .isEqualTo("p50      12.3  p99      56.8  most      56.8  of 2");
    }
}
