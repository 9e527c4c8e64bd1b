package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.decoded;
import static io.turnpike.stun.TestMessages.wire;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.function.Function;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** USERNAME, REALM, NONCE, SOFTWARE and ALTERNATE-DOMAIN. */
class TextAttributesTest {

    private enum Text {
        USERNAME(AttributeType.USERNAME, 508, true, Username::new), REALM(AttributeType.REALM, 763, true,
                Realm::new), NONCE(AttributeType.NONCE, 763, true, Nonce::new), SOFTWARE(AttributeType.SOFTWARE, 763,
                        false, Software::new), ALTERNATE_DOMAIN(AttributeType.ALTERNATE_DOMAIN, 255, true,
                                AlternateDomain::new);

        private final AttributeType type;
        private final int maxBytes;
        private final boolean strict;
        private final Function<String, StunAttribute> of;

        Text(AttributeType type, int maxBytes, boolean strict, Function<String, StunAttribute> of) {
            this.type = type;
            this.maxBytes = maxBytes;
            this.strict = strict;
            this.of = of;
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesUtf8WithoutItsPadding(Text text) {
        assertThat(wire(text.of.apply("aé€"))).isEqualTo("61c3a9e282ac");
        assertThat(decoded(text.type, "61c3a9e282ac")).isEqualTo(text.of.apply("aé€"));
        assertThat(decoded(text.type, "")).isEqualTo(text.of.apply(""));
    }

    @ParameterizedTest
    @EnumSource
    void boundsTheLengthInBytes(Text text) {
        assertThat(decoded(text.type, "61".repeat(text.maxBytes))).isEqualTo(text.of.apply("a".repeat(text.maxBytes)));
        assertThat(decoded(text.type, "61".repeat(text.maxBytes + 1))).isNull();
        assertThatIllegalArgumentException().isThrownBy(() -> text.of.apply("é".repeat(text.maxBytes / 2 + 1)));
    }

    @ParameterizedTest
    @EnumSource
    void refusesBadUtf8WhereTextIsCompared(Text text) {
        for (String bad : new String[]{"ff", "c080", "eda080", "e282", "f4908080"}) {
            assertThat(decoded(text.type, bad) == null).as(bad).isEqualTo(text.strict);
        }
    }

    @Test
    void refusesReplacedTextThatOutgrowsTheBound() {
        assertThat(decoded(AttributeType.SOFTWARE, "ff".repeat(763))).isNull();
    }

    @Test
    void keepsASignedNameAsItIs() {
        String name = "1795000000:acme:al ice";
        assertThat(wire(new Username(name))).isEqualTo("313739353030303030303a61636d653a616c20696365");
    }
}
