package io.turnpike.node.auth;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The users whose credentials were revoked, and when. What decides is when a credential was issued, by its issuer's clock,
 * against the ledger's instant; this node's clock has no part in it. Thread-safe: the control consumer writes, event
 * loops read without locks.
 */
public final class Revocations {
    /** When a static user's password was issued: before any revocation. */
    static final OptionalLong BEFORE_ALL = OptionalLong.of(Long.MIN_VALUE);

    private final Map<String, Map<String, Revocation>> byTenant = new ConcurrentHashMap<>();

    /**
     * What is known of a revoked user.
     *
     * @param revokedAt credentials of this second and earlier ones are refused
     * @param expiresAt until then a credential that does not say when it was issued is refused too; later all such that are
     *            older have run out
     */
    public record Revocation(Instant revokedAt, Instant expiresAt) {
        /** What holds when both do: a ledger whose clock was set back must not bring a credential back. */
        Revocation and(Revocation other) {
            return new Revocation(later(revokedAt, other.revokedAt), later(expiresAt, other.expiresAt));
        }

        private static Instant later(Instant one, Instant other) {
            return one.isAfter(other) ? one : other;
        }
    }

    void put(String tenantId, String userId, Revocation revocation) {
        byTenant.computeIfAbsent(tenantId, id -> new ConcurrentHashMap<>()).merge(userId, revocation, Revocation::and);
    }

    void remove(String tenantId, String userId) {
        byTenant.computeIfPresent(tenantId, (id, users) -> {
            users.remove(userId);
            return users.isEmpty() ? null : users;
        });
    }

    /**
     * Whether a credential is revoked: it was issued by then, or may have been.
     *
     * @param issuedAt seconds since 1970 in which it was issued, or {@link #BEFORE_ALL}; empty where nobody says
     * @param clock tells whether a credential of unknown age may still be an old one
     */
    public boolean refuse(String tenantId, String userId, OptionalLong issuedAt, InstantSource clock) {
        Map<String, Revocation> users = byTenant.get(tenantId);
        Revocation revocation = users == null ? null : users.get(userId);
        if (revocation == null) {
            return false;
        }
        return issuedAt.isPresent()
                ? issuedAt.getAsLong() <= revocation.revokedAt.getEpochSecond()
                : clock.instant().isBefore(revocation.expiresAt);
    }
}
