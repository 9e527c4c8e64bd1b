package io.turnpike.telemetry.api;

import java.util.Optional;

/**
 * Who calls.
 *
 * @param name name of the token, {@code anonymous} without one
 * @param rights what the caller may do
 * @param tenantId the only tenant in sight, empty for all
 */
record Caller(String name, Rights rights, Optional<String> tenantId) {
    /** What a caller may do with what it may see. */
    enum Rights {
        READ, READ_AND_MINT, ALL
    }

    /** Whether the caller may see the tenant. */
    boolean sees(String tenant) {
        return tenantId.isEmpty() || tenantId.get().equals(tenant);
    }

    /** Refuses what the caller may not do. */
    void require(Access access, Optional<String> tenant) {
        boolean allowed = switch (access) {
            case PUBLIC, OWN -> true;
            case TENANT -> sees(tenant.orElseThrow());
            case CLUSTER -> tenantId.isEmpty();
            case MINT -> rights != Rights.READ && sees(tenant.orElseThrow());
            case OPERATOR -> rights == Rights.ALL;
        };
        if (!allowed) {
            throw rights == Rights.READ
                    ? Authentication.challenge("this needs a bearer token")
                    : Problem.of(Problem.Kind.FORBIDDEN, "the token " + name + " does not allow this");
        }
    }
}
