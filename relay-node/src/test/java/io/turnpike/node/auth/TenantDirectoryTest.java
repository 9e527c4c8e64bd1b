package io.turnpike.node.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.config.RelayConfig;
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
