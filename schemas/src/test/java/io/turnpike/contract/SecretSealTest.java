package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SecretSealTest {
    private static final String CONTEXT = SecretSeal.tenantSecretContext("acme", "k1");

    private final SecretSeal seal = SecretSeal.withKey(SecretSeal.newKey());
    private final byte[] secret = "s3cret".getBytes(StandardCharsets.UTF_8);

    @Test
    void opensWhatItSealed() {
        assertThat(seal.open(CONTEXT, seal.seal(CONTEXT, secret))).contains(secret);
    }

    @Test
    void aSealedSecretDoesNotShowThePlainOne() {
        assertThat(new String(seal.seal(CONTEXT, secret), StandardCharsets.ISO_8859_1)).doesNotContain("s3cret");
    }

    @Test
    void sealingTwiceGivesDifferentBytes() {
        assertThat(seal.seal(CONTEXT, secret)).isNotEqualTo(seal.seal(CONTEXT, secret));
    }

    @Test
    void makesTheSameKeyForAPurposeInEveryProgramAndAnotherForAnother() {
        String clusterKey = SecretSeal.newKey();
        SecretSeal one = SecretSeal.withKey(clusterKey);

        assertThat(one.keyFor("a")).hasSize(32).isEqualTo(SecretSeal.withKey(clusterKey).keyFor("a"))
                .isNotEqualTo(one.keyFor("b")).isNotEqualTo(Base64.getDecoder().decode(clusterKey))
                .isNotEqualTo(seal.keyFor("a"));
    }

    @Test
    void doesNotOpenForAnotherTenantOrId() {
        byte[] sealed = seal.seal(CONTEXT, secret);

        assertThat(seal.open(SecretSeal.tenantSecretContext("other", "k1"), sealed)).isEmpty();
        assertThat(seal.open(SecretSeal.tenantSecretContext("acme", "k2"), sealed)).isEmpty();
    }

    @Test
    void doesNotOpenWithAnotherKey() {
        assertThat(SecretSeal.withKey(SecretSeal.newKey()).open(CONTEXT, seal.seal(CONTEXT, secret))).isEmpty();
    }

    @Test
    void doesNotOpenChangedOrShortBytes() {
        byte[] sealed = seal.seal(CONTEXT, secret);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(seal.open(CONTEXT, changed)).as("byte %d", i).isEmpty();
        }
        assertThat(seal.open(CONTEXT, new byte[27])).isEmpty();
    }

    @Test
    void refusesAKeyOfAnotherLength() {
        String shortKey = Base64.getEncoder().encodeToString(new byte[16]);
        assertThatThrownBy(() -> SecretSeal.withKey(shortKey)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32 bytes");
    }
}
