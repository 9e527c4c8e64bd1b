package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;

import org.junit.jupiter.api.Test;

class KeyTest {

    @Test
    void derivesTheMd5KeyOfRfc5389() {
        // RFC 5389 section 15.4: user:realm:pass
        assertThat(HexFormat.of().formatHex(LongTermKey.md5("user", "realm", "pass").secret().getEncoded()))
                .isEqualTo("8493fbc53ba582fb4c044c456bdc40eb");
    }

    @Test
    void takesTheUserNameAsItIsAndPreparesThePassword() {
        LongTermKey composed = LongTermKey.sha256("1795000000:acme:e\u0301", "r", "pass\u00e9\u00a0word");
        LongTermKey decomposed = LongTermKey.sha256("1795000000:acme:e\u0301", "r", "passe\u0301 word");
        LongTermKey otherName = LongTermKey.sha256("1795000000:acme:\u00e9", "r", "passe\u0301 word");

        assertThat(composed.secret()).isEqualTo(decomposed.secret());
        assertThat(composed.secret()).isNotEqualTo(otherName.secret());
        assertThat(composed.hash()).isEqualTo(PasswordHash.SHA256);
    }

    @Test
    void refusesAPasswordOutsideTheProfileWithoutShowingIt() {
        assertThatIllegalArgumentException().isThrownBy(() -> LongTermKey.md5("u", "realm", "se\u0000cret"))
                .withMessageContaining("password").withMessageNotContaining("cret");
        assertThatIllegalArgumentException().isThrownBy(() -> LongTermKey.md5("u", "", "secret"))
                .withMessageContaining("realm");
        assertThatIllegalArgumentException().isThrownBy(() -> ShortTermKey.of(""));
    }

    @Test
    void doesNotShowKeys() {
        assertThat(LongTermKey.md5("user", "realm", "pass")).hasToString("LongTermKey[MD5]");
        assertThat(ShortTermKey.of("pass")).hasToString("ShortTermKey");
    }
}
