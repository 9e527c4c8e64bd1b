package io.turnpike.telemetry.api;

import java.util.Optional;

/**
 * A bearer token and what it may do.
 *
 * @param name who holds it; the actor of commands
 * @param token the token itself
 * @param tenantId the only tenant that it may see, empty for an operator
 */
public record ApiToken(String name, String token, Optional<String> tenantId) {
    public ApiToken {
        if (name.isBlank() || token.isBlank()) {
            throw new IllegalArgumentException("a token needs a name and a token");
        }
    }

    /** A token that may do everything. */
    public static ApiToken operator(String name, String token) {
        return new ApiToken(name, token, Optional.empty());
    }

    /** A token that may read one tenant and mint its credentials. */
    public static ApiToken tenant(String name, String token, String tenantId) {
        return new ApiToken(name, token, Optional.of(tenantId));
    }

    /** Without the token, so that no log holds it. */
    @Override
    public String toString() {
        return "ApiToken[" + name + ", " + tenantId.map(id -> "tenant " + id).orElse("operator") + "]";
    }
}
