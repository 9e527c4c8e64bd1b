package io.turnpike.node.config;

/**
 * A key that opens access tokens.
 *
 * @param id the kid of its tokens
 * @param key 16 bytes (A128GCM) or 32 bytes (A256GCM) in base64
 */
public record AccessTokenKeyConfig(String id, SecretText key) {
    /** Refuses ids that no user name attribute can carry, and keys of other lengths. */
    public AccessTokenKeyConfig {
        Rules.userId("tenants.access-token-keys.id", id);
        Rules.aesKey("tenants.access-token-keys.key", key);
    }
}
