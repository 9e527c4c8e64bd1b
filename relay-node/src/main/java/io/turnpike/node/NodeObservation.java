package io.turnpike.node;

import io.turnpike.node.auth.AuthFailure;
import io.turnpike.node.ops.NodeMetric;
import io.turnpike.node.ops.NodeMetrics;
import io.turnpike.node.usage.DropReason;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What can be seen of a running node from outside its loops: the counters, added up over the loops. */
final class NodeObservation {
    private final NodePipelines pipelines;

    NodeObservation(NodePipelines pipelines) {
        this.pipelines = pipelines;
    }

    void bind(NodeMetrics metrics) {
        metrics.expect(NodeMetric.DROPPED_PACKETS, Arrays.stream(DropReason.values()).map(DropReason::label).toList());
        metrics.observe(NodeMetric.EVENT_LOOP_LAG, pipelines::takeWorstLagSeconds);
        for (ClientPipeline pipeline : pipelines.all()) {
            bind(metrics, pipeline);
        }
    }

    private static void bind(NodeMetrics metrics, ClientPipeline pipeline) {
        for (DropReason reason : DropReason.values()) {
            metrics.observe(NodeMetric.DROPPED_PACKETS, () -> pipeline.drops().get(reason), reason.label());
        }
        for (AuthFailure failure : AuthFailure.values()) {
            metrics.observe(NodeMetric.AUTH_FAILURES, () -> pipeline.requestLog().unauthenticated(failure),
                    String.valueOf(failure.errorCode()));
        }
        metrics.observe(NodeMetric.TELEMETRY_LEFT_OUT, () -> pipeline.events().leftOut(), "allocation_step");
        metrics.observe(NodeMetric.PERMISSIONS, () -> pipeline.allocations().permissions());
        metrics.observe(NodeMetric.CHANNELS, () -> pipeline.allocations().channels());
        var totals = pipeline.allocations().totals();
        metrics.observe(NodeMetric.BYTES, () -> totals.clientToPeer().wireBytes(), "client", "rx");
        metrics.observe(NodeMetric.BYTES, () -> totals.clientToPeer().payloadBytes(), "peer", "tx");
        metrics.observe(NodeMetric.BYTES, () -> totals.peerToClient().payloadBytes(), "peer", "rx");
        metrics.observe(NodeMetric.BYTES, () -> totals.peerToClient().wireBytes(), "client", "tx");
        metrics.observe(NodeMetric.PACKETS, () -> totals.clientToPeer().packets(), "client", "rx");
        metrics.observe(NodeMetric.PACKETS, () -> totals.clientToPeer().packets(), "peer", "tx");
        metrics.observe(NodeMetric.PACKETS, () -> totals.peerToClient().packets(), "peer", "rx");
        metrics.observe(NodeMetric.PACKETS, () -> totals.peerToClient().packets(), "client", "tx");
    }

    int allocations() {
        return pipelines.allocations();
    }

    Map<String, Long> droppedPackets() {
        Map<String, Long> sum = new LinkedHashMap<>();
        pipelines.all().forEach(
                pipeline -> pipeline.drops().byLabel().forEach((label, count) -> sum.merge(label, count, Long::sum)));
        return sum;
    }

    Map<String, Long> unauthenticated() {
        Map<String, Long> sum = new LinkedHashMap<>();
        pipelines.all().forEach(pipeline -> pipeline.requestLog().unauthenticated()
                .forEach((code, count) -> sum.merge(code, count, Long::sum)));
        return sum;
    }
}
