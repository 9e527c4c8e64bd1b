package io.turnpike.node.config;

/** A TURN REST shared secret. */
public record TenantSecretConfig(String id, SecretAlgorithm algorithm, SecretText secret) {
    /** Refuses empty ids and secrets. */
    public TenantSecretConfig {
        Rules.require(!id.isBlank(), "tenants.secrets.id", "is empty");
        Rules.require(!secret.reveal().isEmpty(), "tenants.secrets.secret", "is empty");
    }
}
