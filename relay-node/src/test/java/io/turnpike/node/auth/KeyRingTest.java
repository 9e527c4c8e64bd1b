package io.turnpike.node.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.TurnUsername;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.PasswordHash;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {
    private static final Tenant DEMO = new Tenant("demo", true,
            List.of(new SharedSecret("s1", SharedSecret.Algorithm.HMAC_SHA1, "secret")), Tenant.ChannelNumbers.RFC8656,
            Tenant.BillableRule.BOTH_DIRECTIONS);

    private final KeyRing keys = new KeyRing("turnpike", Map.of(new KeyRing.UserName("demo", "al"), "secret"), 16);
    private final AtomicInteger tried = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(strings = {"al", "nobody", "4102444800:demo:al"})
    void doesTheSameWorkForNamesThatExistAndNamesThatDoNot(String username) {
        assertThat(find(Optional.of(DEMO), username, false)).isEmpty();
        assertThat(tried).hasValue(1);
        assertThat(find(Optional.empty(), username, false)).isEmpty();
        assertThat(tried).hasValue(2);
    }

    @Test
    void doesTheSameWorkHoweverManySecretsATenantHas() {
        String username = "4102444800:demo:al";
        TurnUsername name = TurnUsername.parse(username, "demo").orElseThrow();
        SharedSecret secret = DEMO.secrets().get(0);
        Tenant three = new Tenant("demo", true, List.of(secret, secret, secret), DEMO.channelNumbers(),
                DEMO.billableRule());
        for (Optional<Tenant> tenant : List.of(Optional.of(DEMO), Optional.of(three), Optional.<Tenant>empty())) {
            tried.set(0);
            keys.find(tenant, name, username, PasswordHash.MD5, 3, key -> tried.incrementAndGet() < 0);
            assertThat(tried).hasValue(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "4102444800:demo:al"})
    void believesNoDecoy(String username) {
        assertThat(find(Optional.empty(), username, true)).isEmpty();
        assertThat(keys.rememberedKeys()).isZero();
    }

    @Test
    void findsTheKeyOfAKnownUser() {
        assertThat(find(Optional.of(DEMO), "al", true)).isPresent();
    }

    @Test
    void keepsTheKeysOfTwoTenantsUnderOneUserNameApart() {
        KeyRing both = new KeyRing("turnpike",
                Map.of(new KeyRing.UserName("demo", "al"), "secret", new KeyRing.UserName("acme", "al"), "other"), 16);
        Tenant acme = new Tenant("acme", true, List.of(), Tenant.ChannelNumbers.RFC8656,
                Tenant.BillableRule.BOTH_DIRECTIONS);
        Optional<LongTermKey> key = both.find(Optional.of(DEMO), TurnUsername.parse("al", "demo").orElseThrow(), "al",
                PasswordHash.MD5, 1, each -> true);
        assertThat(key).isPresent();

        assertThat(both.find(Optional.of(acme), TurnUsername.parse("al", "acme").orElseThrow(), "al",
                PasswordHash.MD5, 1, each -> each == key.orElseThrow())).isEmpty();
    }

    private Optional<LongTermKey> find(Optional<Tenant> tenant, String username, boolean verifies) {
        TurnUsername name = TurnUsername.parse(username, "demo").orElseThrow();
        return keys.find(tenant, name, username, PasswordHash.MD5, 1, key -> {
            tried.incrementAndGet();
            return verifies;
        });
    }
}
