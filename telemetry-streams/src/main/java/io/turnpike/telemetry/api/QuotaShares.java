package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.NodeShare;
import io.turnpike.telemetry.query.Quota;
import java.util.List;

/** The caps of a tenant's rate and allocations, and who has how much of them. */
final class QuotaShares {
    private QuotaShares() {}

    static ObjectNode of(Quota quota, List<NodeShare> shares) {
        ObjectNode body = Json.object();
        Json.put(body, "rateBitsPerSecond", quota.rateBitsPerSecond());
        Json.put(body, "maxAllocations", quota.maxAllocations());
        body.put("enforced", QuotaResource.capsEnforced(quota));
        body.put("allocations", shares.stream().mapToLong(NodeShare::allocations).sum());
        ArrayNode nodes = body.putArray("nodes");
        for (NodeShare share : shares) {
            nodes.addObject().put("node", share.nodeId()).put("epoch", share.nodeEpoch())
                    .put("rateBitsPerSecond", share.rateBitsPerSecond())
                    .put("heldRateBitsPerSecond", share.heldRateBitsPerSecond())
                    .put("demandBitsPerSecond", share.demandBitsPerSecond()).put("slots", share.slots())
                    .put("allocations", share.allocations());
        }
        return body;
    }
}
