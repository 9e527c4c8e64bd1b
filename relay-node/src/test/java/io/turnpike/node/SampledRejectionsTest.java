package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.ManualTime;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.NodeState;
import io.turnpike.node.event.NodeStatusReported;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.turn.RejectionSampling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SampledRejectionsTest {
    private final ManualTime time = new ManualTime();
    private final RejectionSampling sampling = new RejectionSampling(time::nanoTime);
    private final List<RelayEvent> told = new ArrayList<>();
    private final SampledRejections events = new SampledRejections(told::add, sampling);

    @Test
    void leavesOutMostRejectionsOfAUserWhoRepeatsThem() {
        for (int i = 0; i < 100_000; i++) {
            events.offer(rejected("flooder"));
        }

        assertThat(told).hasSize(RejectionSampling.AT_ONCE);
        assertThat(sampling.leftOut()).isEqualTo(100_000 - RejectionSampling.AT_ONCE);
        time.advance(Duration.ofSeconds(2));
        for (int i = 0; i < 100; i++) {
            events.offer(rejected("flooder"));
        }
        assertThat(told).hasSize(RejectionSampling.AT_ONCE + 2 * RejectionSampling.PER_SECOND);
    }

    @Test
    void tellsThoseOfOthersAndEverythingElse() {
        for (int i = 0; i < 1_000; i++) {
            events.offer(rejected("flooder"));
        }
        told.clear();
        events.offer(rejected("other"));
        for (int i = 0; i < 100; i++) {
            events.offer(new NodeStatusReported(time.instant(), "1", NodeState.SERVING, time.instant(), List.of(), 0,
                    Map.of(), Map.of()));
        }

        assertThat(told).hasSize(101);
    }

    private AllocationRejected rejected(String user) {
        return new AllocationRejected(time.instant(), "demo", user, 486, ClientTransport.UDP, "192.0.2.0/24", "",
                Duration.ZERO);
    }
}
