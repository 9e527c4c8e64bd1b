package io.turnpike.node.config;

/** A static user: signs in as {@code tenant/user}, or as {@code user} of the default tenant. */
public record UserConfig(String tenant, String user, SecretText password) {
    /** Refuses names that no user name attribute can carry. */
    public UserConfig {
        Rules.tenantId("auth.users.tenant", tenant);
        Rules.userId("auth.users.user", user);
        Rules.require(!password.reveal().isEmpty(), "auth.users.password", "is empty");
    }
}
