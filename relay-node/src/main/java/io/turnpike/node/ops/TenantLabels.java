package io.turnpike.node.ops;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds the values of the tenant label: the first 200 tenants that this process meets have their own, all later ones
 * share {@value #OTHER}. First, not busiest, so that no counter ever moves to another series. Thread-safe.
 */
final class TenantLabels {
    static final int LIMIT = 200;
    static final String OTHER = "other";

    private final Map<String, String> labels = new ConcurrentHashMap<>();

    String of(String tenantId) {
        String label = labels.get(tenantId);
        return label == null ? admit(tenantId) : label;
    }

    private synchronized String admit(String tenantId) {
        if (labels.size() < LIMIT) {
            labels.putIfAbsent(tenantId, tenantId);
        }
        return labels.getOrDefault(tenantId, OTHER);
    }
}
