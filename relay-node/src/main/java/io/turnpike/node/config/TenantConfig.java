package io.turnpike.node.config;

import io.turnpike.contract.TenantName;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A tenant that exists without the control topics.
 *
 * @param accessTokenKeys keys of its access tokens (RFC 7635)
 * @param serverNames TLS server names that select it
 * @param peers what it adds to the peer policy
 */
public record TenantConfig(String id, ChannelNumbers channelNumbers, BillableRule billableRule,
        List<TenantSecretConfig> secrets, CredentialExpiry credentialExpiry,
        List<AccessTokenKeyConfig> accessTokenKeys, List<String> serverNames, PeerRules peers) {
    /** Refuses ids that exist twice. */
    public TenantConfig {
        Rules.tenantId("tenants.id", id);
        secrets = List.copyOf(secrets);
        accessTokenKeys = List.copyOf(accessTokenKeys);
        serverNames = List.copyOf(serverNames);
        serverNames.forEach(name -> Rules.require(TenantName.isServerName(name), "tenants.server-names",
                "must be host names such as turn.example.org, not " + name));
        Set<String> keyIds = new HashSet<>();
        for (AccessTokenKeyConfig key : accessTokenKeys) {
            Rules.require(keyIds.add(key.id()), "tenants.access-token-keys",
                    "of " + id + " names the key " + key.id() + " twice");
        }
        Set<String> ids = new HashSet<>();
        for (TenantSecretConfig secret : secrets) {
            Rules.require(ids.add(secret.id()), "tenants.secrets",
                    "of " + id + " names the secret " + secret.id() + " twice");
        }
    }
}
