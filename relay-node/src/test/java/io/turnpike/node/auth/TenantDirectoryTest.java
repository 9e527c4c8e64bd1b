package io.turnpike.node.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.config.PeerRules;
import io.turnpike.node.config.RelayConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantDirectoryTest {
    private final TenantDirectory tenants = new TenantDirectory(List.of(tenant("base", true)));

    @Test
    void letsAControlRecordCoverAConfiguredTenantUntilItIsRemoved() {
        tenants.put(tenant("base", false));
        assertThat(tenants.find("base").orElseThrow().active()).isFalse();
        assertThat(tenants.size()).isEqualTo(1);

        tenants.remove("base");
        assertThat(tenants.find("base").orElseThrow().active()).isTrue();
    }

    @Test
    void forgetsATenantThatOnlyTheControlTopicsKnew() {
        tenants.put(tenant("acme", true));
        assertThat(tenants.find("acme")).isPresent();
        assertThat(tenants.size()).isEqualTo(2);

        tenants.remove("acme");
        assertThat(tenants.find("acme")).isEmpty();
    }

    @Test
    void refusesATenantWithAnImpossibleId() {
        assertThatThrownBy(() -> tenant("Not A Tenant", true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void knowsTheTenantsOfAConfigurationAndThoseThatOnlyUsersName() {
        TenantDirectory configured = ConfiguredTenants.directory(RelayConfig.load(ConfigFactory.parseString("""
                node.id = n1, kafka.enabled = false, quota.default.mode = OFF
                auth.users = [{ tenant = acme, user = al, password = x }]
                tenants = [{ id = old, channel-numbers = RFC5766, billable-rule = EGRESS_ONLY,
                             secrets = [{ id = k1, secret = s }] }]""")));

        Tenant old = configured.find("old").orElseThrow();
        assertThat(old.channelNumbers().allows(0x7FFF)).isTrue();
        assertThat(old.billableRule()).isEqualTo(Tenant.BillableRule.EGRESS_ONLY);
        assertThat(old.secrets()).containsExactly(new SharedSecret("k1", SharedSecret.Algorithm.HMAC_SHA1, "s"));
        assertThat(configured.find("acme").orElseThrow().channelNumbers().allows(0x5000)).isFalse();
    }

    @Test
    void readsExpiryTokenKeysNamesAndBlocksOfAConfiguredTenant() {
        Tenant tenant = ConfiguredTenants.directory(RelayConfig.load(ConfigFactory.parseString("""
                node.id = n1, kafka.enabled = false, quota.default.mode = OFF
                tenants = [{ id = acme, credential-expiry = HARD-CUT, server-names = [turn.acme.example],
                             access-token-keys = [{ id = t1, key = "MDEyMzQ1Njc4OWFiY2RlZg==" }],
                             peer-allow = [10.0.0.0/8], peer-deny = [10.9.0.0/16] }]"""))).find("acme").orElseThrow();

        assertThat(tenant.credentialExpiry()).isEqualTo(CredentialExpiry.HARD_CUT);
        assertThat(tenant.accessTokenKeys())
                .containsExactly(new AccessTokenKey("t1", "0123456789abcdef".getBytes(StandardCharsets.US_ASCII)));
        assertThat(tenant.serverNames()).containsExactly("turn.acme.example");
        assertThat(tenant.peers().allows(10 << 24)).isTrue();
        assertThat(tenant.peers().denies(10 << 24 | 9 << 16)).isTrue();
    }

    @Test
    void findsATenantByServerNameAsRecordsComeAndGo() {
        Tenant base = named("base", "turn.example", "www.example");
        TenantDirectory names = new TenantDirectory(List.of(base));
        assertThat(names.ofServerName("TURN.example.")).contains(base);

        Tenant acme = named("acme", "turn.example");
        names.put(acme);
        assertThat(names.ofServerName("turn.example")).as("the first id has it").contains(acme);
        assertThat(names.ofServerName("www.example")).contains(base);
        names.put(named("base", "other.example"));
        assertThat(names.ofServerName("www.example")).isEmpty();
        names.remove("acme");
        assertThat(names.ofServerName("turn.example")).as("the cover gave it up").isEmpty();
        names.remove("base");
        assertThat(names.ofServerName("turn.example")).contains(base);
        assertThat(names.ofServerName("other.example")).isEmpty();
        assertThat(names.ofServerName("")).isEmpty();
    }

    private static Tenant named(String id, String... serverNames) {
        return new Tenant(id, true, List.of(), Tenant.ChannelNumbers.RFC8656, Tenant.BillableRule.BOTH_DIRECTIONS,
                CredentialExpiry.ALLOCATE, List.of(), List.of(serverNames), PeerRules.NONE);
    }

    @Test
    void allowsTheChannelNumbersOfEachRfc() {
        assertThat(Tenant.ChannelNumbers.RFC8656.allows(0x3FFF)).isFalse();
        assertThat(Tenant.ChannelNumbers.RFC8656.allows(0x4000)).isTrue();
        assertThat(Tenant.ChannelNumbers.RFC8656.allows(0x4FFF)).isTrue();
        assertThat(Tenant.ChannelNumbers.RFC8656.allows(0x5000)).isFalse();
        assertThat(Tenant.ChannelNumbers.RFC5766.allows(0x7FFF)).isTrue();
        assertThat(Tenant.ChannelNumbers.RFC5766.allows(0x8000)).isFalse();
    }

    private static Tenant tenant(String id, boolean active) {
        return new Tenant(id, active, List.of(), Tenant.ChannelNumbers.RFC8656, Tenant.BillableRule.BOTH_DIRECTIONS);
    }
}
