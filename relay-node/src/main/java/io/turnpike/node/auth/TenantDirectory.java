package io.turnpike.node.auth;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The tenants that this node knows, and whom of their users they revoked. Configured tenants are the base; a record of
 * the control topics with the same id covers it until it is removed. Thread-safe: the control consumer writes, event loops read without locks.
 */
public final class TenantDirectory {
    private final Map<String, Tenant> configured;
    private final Map<String, Tenant> controlled = new ConcurrentHashMap<>();
    private final AtomicInteger mostSecrets = new AtomicInteger();
    /** Ids of the tenants that claim a TLS server name; the first in order has it. */
    private final Map<String, ConcurrentSkipListSet<String>> byServerName = new ConcurrentHashMap<>();
    private final Revocations revocations = new Revocations();
    private volatile Runnable narrowed = () -> {};

    /** @param configured tenants that exist without the control topics */
    public TenantDirectory(Collection<Tenant> configured) {
        this.configured = configured.stream().collect(Collectors.toUnmodifiableMap(Tenant::id, Function.identity()));
        configured.forEach(this::claim);
    }

    /** The tenant, suspended ones included. */
    public Optional<Tenant> find(String tenantId) {
        Tenant tenant = controlled.get(tenantId);
        return Optional.ofNullable(tenant == null ? configured.get(tenantId) : tenant);
    }

    /** Takes a tenant record of the control topics. */
    public void put(Tenant tenant) {
        find(tenant.id()).ifPresent(this::unclaim);
        controlled.put(tenant.id(), tenant);
        claim(tenant);
        if (!tenant.active()) {
            narrowed.run();
        }
    }

    /** Takes a deletion of the control topics; a configured tenant of this id shows again. */
    public void remove(String tenantId) {
        find(tenantId).ifPresent(this::unclaim);
        controlled.remove(tenantId);
        find(tenantId).ifPresent(this::claim);
        if (!serves(tenantId)) {
            narrowed.run();
        }
    }

    /** Takes a revocation of the control topics. */
    public void revoke(String tenantId, String userId, Revocations.Revocation revocation) {
        revocations.put(tenantId, userId, revocation);
        narrowed.run();
    }

    /** Takes it back: the control topics no longer hold it. */
    public void forgive(String tenantId, String userId) {
        revocations.remove(tenantId, userId);
    }

    /** Sets what hears that somebody may no longer have what he has: called by the writer when the change shows here. */
    public void onNarrowed(Runnable listener) {
        narrowed = listener;
    }

    /** Whose credentials were revoked. */
    public Revocations revocations() {
        return revocations;
    }

    /** Whether the tenant's clients are served now: it is known and not suspended. */
    public boolean serves(String tenantId) {
        return find(tenantId).filter(Tenant::active).isPresent();
    }

    /**
     * The tenant that a TLS server name (SNI, RFC 6066 section 3) selects; suspended ones too, so that their clients do
     * not become another tenant's. Of two tenants that claim a name, the one whose id comes first has it.
     */
    public Optional<Tenant> ofServerName(String serverName) {
        ConcurrentSkipListSet<String> claims = byServerName.get(canonical(serverName));
        for (String tenantId : claims == null ? Set.<String>of() : claims) {
            Optional<Tenant> tenant = find(tenantId);
            if (tenant.isPresent()) {
                return tenant;
            }
        }
        return Optional.empty();
    }

    /** How many secrets a tenant has or had at most; it never falls. */
    int mostSecrets() {
        return mostSecrets.get();
    }

    private void claim(Tenant tenant) {
        mostSecrets.accumulateAndGet(tenant.secrets().size(), Math::max);
        for (String name : tenant.serverNames()) {
            byServerName.compute(canonical(name), (key, claims) -> {
                ConcurrentSkipListSet<String> all = claims == null ? new ConcurrentSkipListSet<>() : claims;
                all.add(tenant.id());
                return all;
            });
        }
    }

    private void unclaim(Tenant tenant) {
        for (String name : tenant.serverNames()) {
            byServerName.computeIfPresent(canonical(name), (key, claims) -> {
                claims.remove(tenant.id());
                return claims.isEmpty() ? null : claims;
            });
        }
    }

    private static String canonical(String serverName) {
        String lower = serverName.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Number of tenants. */
    public int size() {
        return configured.size() + (int) controlled.keySet().stream().filter(id -> !configured.containsKey(id)).count();
    }
}
