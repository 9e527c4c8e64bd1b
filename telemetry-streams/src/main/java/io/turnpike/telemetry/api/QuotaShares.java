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
        shares.forEach(share -> nodes.add(of(quota, share)));
        return body;
    }

    /** What is not capped is not shared out: the ledger keeps what it gave last, in case the cap comes back. */
    private static ObjectNode of(Quota quota, NodeShare share) {
        boolean hasRate = quota.rateBitsPerSecond().isPresent();
        boolean hasSlots = quota.maxAllocations().isPresent();
        return Json.object().put("node", share.nodeId()).put("epoch", share.nodeEpoch())
                .put("rateBitsPerSecond", hasRate ? Long.valueOf(share.rateBitsPerSecond()) : null)
                .put("heldRateBitsPerSecond", hasRate ? Long.valueOf(share.heldRateBitsPerSecond()) : null)
                .put("demandBitsPerSecond", hasRate ? Long.valueOf(share.demandBitsPerSecond()) : null)
                .put("slots", hasSlots ? Integer.valueOf(share.slots()) : null)
                .put("allocations", share.allocations());
    }
}
