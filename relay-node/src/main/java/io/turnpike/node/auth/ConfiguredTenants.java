package io.turnpike.node.auth;

import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.config.TenantConfig;
import io.turnpike.node.config.TenantSecretConfig;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tenants of a configuration: those that it lists, and those that only its static users name. */
public final class ConfiguredTenants {
    private ConfiguredTenants() {}

    /** A directory with the configuration's tenants as its base. */
    public static TenantDirectory directory(RelayConfig config) {
        Map<String, Tenant> tenants = new LinkedHashMap<>();
        config.tenants().forEach(tenant -> tenants.put(tenant.id(), tenant(tenant)));
        config.auth().users().forEach(user -> tenants.computeIfAbsent(user.tenant(), id -> new Tenant(id, true,
                List.of(), Tenant.ChannelNumbers.RFC8656, Tenant.BillableRule.BOTH_DIRECTIONS)));
        return new TenantDirectory(tenants.values());
    }

    private static Tenant tenant(TenantConfig config) {
        return new Tenant(config.id(), true, config.secrets().stream().map(ConfiguredTenants::secret).toList(),
                switch (config.channelNumbers()) {
                    case RFC8656 -> Tenant.ChannelNumbers.RFC8656;
                    case RFC5766 -> Tenant.ChannelNumbers.RFC5766;
                }, switch (config.billableRule()) {
                    case BOTH_DIRECTIONS -> Tenant.BillableRule.BOTH_DIRECTIONS;
                    case EGRESS_ONLY -> Tenant.BillableRule.EGRESS_ONLY;
                }, switch (config.credentialExpiry()) {
                    case ALLOCATE -> CredentialExpiry.ALLOCATE;
                    case REFRESH -> CredentialExpiry.REFRESH;
                    case HARD_CUT -> CredentialExpiry.HARD_CUT;
                }, config.accessTokenKeys().stream()
                        .map(key -> new AccessTokenKey(key.id(), Base64.getDecoder().decode(key.key().reveal())))
                        .toList(),
                config.serverNames(), config.peers());
    }

    private static SharedSecret secret(TenantSecretConfig config) {
        SharedSecret.Algorithm algorithm = switch (config.algorithm()) {
            case HMAC_SHA1 -> SharedSecret.Algorithm.HMAC_SHA1;
            case HMAC_SHA256 -> SharedSecret.Algorithm.HMAC_SHA256;
        };
        return new SharedSecret(config.id(), algorithm, config.secret().reveal());
    }
}
