package io.turnpike.node.auth;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The tenants that this node knows. Configured tenants are the base; a record of the control topics with the same id
 * covers it until it is removed. Thread-safe: the control consumer writes, event loops read without locks.
 */
public final class TenantDirectory {
    private final Map<String, Tenant> configured;
    private final Map<String, Tenant> controlled = new ConcurrentHashMap<>();

    /** @param configured tenants that exist without the control topics */
    public TenantDirectory(Collection<Tenant> configured) {
        this.configured = configured.stream().collect(Collectors.toUnmodifiableMap(Tenant::id, Function.identity()));
    }

    /** The tenant, suspended ones included. */
    public Optional<Tenant> find(String tenantId) {
        Tenant tenant = controlled.get(tenantId);
        return Optional.ofNullable(tenant == null ? configured.get(tenantId) : tenant);
    }

    /** Takes a tenant record of the control topics. */
    public void put(Tenant tenant) {
        controlled.put(tenant.id(), tenant);
    }

    /** Takes a deletion of the control topics; a configured tenant of this id shows again. */
    public void remove(String tenantId) {
        controlled.remove(tenantId);
    }

    /** Number of tenants. */
    public int size() {
        return configured.size() + (int) controlled.keySet().stream().filter(id -> !configured.containsKey(id)).count();
    }
}
