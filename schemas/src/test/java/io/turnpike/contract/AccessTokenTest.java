package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTokenTest {
    private static final byte[] KEY = "01234567890123456789012345678901".getBytes(StandardCharsets.US_ASCII);
    private static final String SERVER = "turn.example.org";
    private static final Instant NOW = Instant.ofEpochSecond(1_795_344_000L, 500_000_000);
    private static final Duration HOUR = Duration.ofHours(1);

    @ParameterizedTest
    @ValueSource(ints = {16, 32})
    void opensWhatItSealedUnderBothKeyLengths(int keyBytes) {
        byte[] key = Arrays.copyOf(KEY, keyBytes);
        AccessToken token = AccessToken.issue(NOW, HOUR, Optional.empty());

        AccessToken opened = open(key, SERVER, token.seal(key, SERVER)).orElseThrow();

        assertThat(opened.macKey()).isEqualTo(token.macKey()).hasSize(20);
        assertThat(opened.issuedAt()).isEqualTo(NOW);
        assertThat(opened.lifetime()).isEqualTo(HOUR);
        assertThat(opened.userId()).isEmpty();
    }

    @Test
    void keepsTheUserThatTheIssuerAppended() {
        byte[] sealed = AccessToken.issue(NOW, HOUR, Optional.of("al \u00e9")).seal(KEY, SERVER);

        assertThat(open(KEY, SERVER, sealed).orElseThrow().userId()).contains("al \u00e9");
    }

    @Test
    void hasTheLayoutOfTheRfc() {
        byte[] macKey = "ZksjpweoixXmvn67534m".getBytes(StandardCharsets.US_ASCII);
        byte[] nonce = "h4j3k2l2n4b5".getBytes(StandardCharsets.US_ASCII);
        byte[] sealed = new AccessToken(macKey, NOW, HOUR, Optional.empty()).seal(KEY, SERVER, nonce);

        assertThat(sealed).hasSize(2 + 12 + 2 + 20 + 8 + 4 + 16).startsWith(0, 12);
        assertThat(Arrays.copyOfRange(sealed, 2, 14)).isEqualTo(nonce);
        byte[] plain = ByteBuffer.allocate(34).putShort((short) 20).put(macKey)
                .putLong(NOW.getEpochSecond() << 16 | 32_000).putInt(3_600).array();
        assertThat(AccessToken.read(plain).orElseThrow().issuedAt()).isEqualTo(NOW);
    }

    /** Made by another implementation, coturn 4.6.1's turnutils_oauth, with this key, nonce and mac_key. */
    @Test
    void opensTheTokenOfAnotherImplementation() {
        byte[] token = Base64.getDecoder().decode(FOREIGN_TOKEN);

        AccessToken opened = open(KEY, "blackdow.carleon.gov", token).orElseThrow();

        assertThat(new String(opened.macKey(), StandardCharsets.US_ASCII)).isEqualTo("ZksjpweoixXmvn67534m");
        assertThat(opened.issuedAt()).isEqualTo(Instant.ofEpochSecond(1_795_344_000L));
        assertThat(opened.lifetime()).isEqualTo(HOUR);
        assertThat(new AccessToken(opened.macKey(), opened.issuedAt(), HOUR, Optional.empty()).seal(KEY,
                "blackdow.carleon.gov", "h4j3k2l2n4b5".getBytes(StandardCharsets.US_ASCII))).isEqualTo(token);
    }

    @Test
    void opensNothingForAnotherServerKeyOrByte() {
        byte[] sealed = AccessToken.issue(NOW, HOUR, Optional.of("al")).seal(KEY, SERVER);
        byte[] otherKey = KEY.clone();
        otherKey[31] ^= 1;

        assertThat(open(KEY, "turn.example.net", sealed)).isEmpty();
        assertThat(open(otherKey, SERVER, sealed)).isEmpty();
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(open(KEY, SERVER, changed)).as("byte " + i).isEmpty();
        }
    }

    @Test
    void opensNoPartAndNothingLonger() {
        byte[] sealed = AccessToken.issue(NOW, HOUR, Optional.empty()).seal(KEY, SERVER);

        for (int length = 0; length < sealed.length; length++) {
            assertThat(open(KEY, SERVER, Arrays.copyOf(sealed, length))).isEmpty();
        }
        assertThat(open(KEY, SERVER, Arrays.copyOf(sealed, sealed.length + 1))).isEmpty();
        assertThat(open(KEY, SERVER, new byte[65_535])).isEmpty();
    }

    /** CVE-2026-43994: lengths inside the sealed block that point behind its end. */
    @ParameterizedTest
    @ValueSource(strings = {"", "00", "0014", "ffff", "ffff" + FORTY_BYTES, "7fff" + FORTY_BYTES, "001d" + FORTY_BYTES,
        "0000" + FORTY_BYTES, "0013" + FORTY_BYTES, "0041" + FORTY_BYTES + FORTY_BYTES, "8014" + FORTY_BYTES})
    void readsNoKeyBeyondItsBlock(String hex) {
        assertThat(AccessToken.read(HexFormat.of().parseHex(hex))).isEmpty();
    }

    @Test
    void readsTheGreatestNumbersWithoutOverflow() {
        byte[] plain = ByteBuffer.allocate(34).putShort((short) 20).put(new byte[20]).putLong(-1L).putInt(-1).array();
        plain[28] = 0;
        plain[29] = 0;

        AccessToken token = AccessToken.read(plain).orElseThrow();

        assertThat(token.issuedAt().getEpochSecond()).isEqualTo((1L << 48) - 1);
        assertThat(token.lifetime()).isEqualTo(Duration.ofSeconds(0xFFFF_FFFFL));
        assertThat(token.issuedAt().plus(token.lifetime())).isAfter(NOW);
    }

    @Test
    void readsNoUserThatCannotBeOne() {
        byte[] plain = ByteBuffer.allocate(36).putShort((short) 20).put(new byte[20])
                .putLong(NOW.getEpochSecond() << 16).putInt(60).put((byte) 0xC3).put((byte) 0x28).array();
        assertThat(AccessToken.read(plain)).as("no UTF-8").isEmpty();
        plain[34] = 'a';
        plain[35] = 0;
        assertThat(AccessToken.read(plain)).as("padding is no name").isEmpty();
        plain[35] = 'l';
        assertThat(AccessToken.read(plain).orElseThrow().userId()).contains("al");
    }

    @Test
    void refusesToIssueWhatNobodyCouldOpen() {
        assertThatThrownBy(() -> new AccessToken(new byte[19], NOW, HOUR, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new AccessToken(new byte[65], NOW, HOUR, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AccessToken.issue(Instant.ofEpochSecond(-1), HOUR, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AccessToken.issue(NOW, Duration.ofSeconds(1L << 32), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AccessToken.issue(NOW, HOUR, Optional.of("")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void showsNoKey() {
        AccessToken token = new AccessToken("ZksjpweoixXmvn67534m".getBytes(StandardCharsets.US_ASCII), NOW, HOUR,
                Optional.empty());
        assertThat(token.toString()).doesNotContain("Zks").contains("3600 s");
    }

    private static Optional<AccessToken> open(byte[] key, String serverName, byte[] token) {
        return AccessToken.open(new SecretKeySpec(key, "AES"), serverName, token);
    }

    private static final String FORTY_BYTES = "00000000000000000000000000000000000000000000000000000000000000000000000000000000";
    private static final String FOREIGN_TOKEN = "AAxoNGozazJsMm40YjUJ0JmCjBuJ3X8q0Gc7nfXSUNwpYHEKe0Pv1/35Yf0R"
            + "YtcYA+sjwkcmCLdFjq/xLhOl4Q==";
}
