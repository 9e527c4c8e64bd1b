package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NonceTest {

    @ParameterizedTest
    @CsvSource({"obMatJos2AAAA, 0", "obMatJos2gAAA, 0x800000", "obMatJos2QAAA, 0x400000", "obMatJos2wAAAxyz, 0xC00000",
        "obMatJos2////, 0xFFFFFF", "obMatJos2+A+A, 0xF80F80", "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA, 2",
        "obMatJos2gAA, 0", "obMatJos2gA*A, 0", "obMatJos1gAAA, 0", "'', 0", "f//499k954d6OL34oL9FSTvy64sA, 0"})
    void readsTheSecurityFeatures(String nonce, String features) {
        assertThat(new Nonce(nonce).securityFeatures()).isEqualTo(Integer.decode(features));
    }

    @Test
    void announcesWhatThePrefixSays() {
        Nonce both = new Nonce(
                Nonce.prefix(Nonce.PASSWORD_ALGORITHMS_FEATURE | Nonce.USERNAME_ANONYMITY_FEATURE) + "rest");
        Nonce anonymity = new Nonce(Nonce.prefix(Nonce.USERNAME_ANONYMITY_FEATURE));

        assertThat(both.value()).isEqualTo("obMatJos2wAAArest");
        assertThat(both.announcesPasswordAlgorithms()).isTrue();
        assertThat(anonymity.announcesPasswordAlgorithms()).isFalse();
    }
}
