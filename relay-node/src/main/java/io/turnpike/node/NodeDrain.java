package io.turnpike.node;

import io.turnpike.node.ops.DrainControl;
import io.turnpike.node.ops.HealthChecks;
import io.turnpike.node.ops.HealthChecks.Health;
import io.turnpike.node.ops.NodeMetric;
import io.turnpike.node.ops.NodeMetrics;
import io.turnpike.node.turn.Drain;
import java.time.Duration;
import java.util.Optional;

/** The operator's hand on a node's drain: over HTTP, and at SIGTERM. */
final class NodeDrain implements DrainControl {
    private static final long LOOK_MILLIS = 50;

    private final Drain drain;
    private final NodePipelines pipelines;

    NodeDrain(Drain drain, NodePipelines pipelines) {
        this.drain = drain;
        this.pipelines = pipelines;
    }

    void bind(NodeMetrics metrics, HealthChecks health) {
        metrics.observe(NodeMetric.DRAINING, () -> drain.isDraining() ? 1 : 0);
        metrics.observe(NodeMetric.REDIRECTED, drain::redirected);
        health.addReady("drain", () -> drain.isDraining()
                ? Health.failing("draining, " + pipelines.allocations() + " allocations left")
                : Health.OK);
    }

    @Override
    public void begin(Optional<Duration> deadline) {
        drain.begin(deadline);
    }

    @Override
    public void end() {
        drain.end();
    }

    @Override
    public Status status() {
        return new Status(drain.isDraining(), drain.remaining(), pipelines.allocations());
    }

    boolean isDraining() {
        return drain.isDraining();
    }

    /** Drains, and waits for the last allocation to end or the time to be over; zero waits for nothing. */
    void drainFor(Duration atMost) throws InterruptedException {
        if (atMost.isZero()) {
            return;
        }
        drain.begin(Optional.of(atMost));
        while (pipelines.allocations() > 0 && !drain.isOver()) {
            Thread.sleep(LOOK_MILLIS);
        }
    }
}
