package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnUsernameTest {
    @Test
    void readsTenantAndUserOfARestName() {
        assertThat(TurnUsername.parse("1790000000:acme:al", "demo"))
                .contains(new TurnUsername("acme", "al", OptionalLong.of(1_790_000_000L)));
    }

    @Test
    void aSingleColonNamesAUserOfTheDefaultTenant() {
        assertThat(TurnUsername.parse("1790000000:al", "demo"))
                .contains(new TurnUsername("demo", "al", OptionalLong.of(1_790_000_000L)));
    }

    @Test
    void onlyTheFirstTwoColonsSeparate() {
        assertThat(TurnUsername.parse("1790000000:acme:a:b", "demo").orElseThrow().userId()).isEqualTo("a:b");
    }

    @Test
    void readsWhenACredentialWasIssuedIfTheNameSaysSo() {
        String username = TurnUsername.rest(Instant.ofEpochSecond(1_790_003_600L),
                Instant.ofEpochSecond(1_790_000_000L),
                "acme", "al");

        assertThat(username).isEqualTo("1790003600-1790000000:acme:al");
        assertThat(TurnUsername.parse(username, "demo")).contains(new TurnUsername("acme", "al",
                OptionalLong.of(1_790_003_600L), OptionalLong.of(1_790_000_000L)));
        assertThat(TurnUsername.parse("1790003600-1790000000:al", "demo").orElseThrow().tenantId()).isEqualTo("demo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1790000000:al", "1790000000-:al", "1-2-3:al", "1790000000-1790000000000:al",
        "1790000000-x:al", "-:al"})
    void whatIsNoPairOfTimesBelongsToAStaticUser(String username) {
        TurnUsername name = TurnUsername.parse(username, "demo").orElseThrow();

        assertThat(name.expiresAt()).isEmpty();
        assertThat(name.issuedAt()).isEmpty();
        assertThat(name.userId()).isEqualTo(username);
    }

    @Test
    void readsStaticUsers() {
        assertThat(TurnUsername.parse("demo", "demo")).contains(new TurnUsername("demo", "demo", OptionalLong.empty()));
        assertThat(TurnUsername.parse("acme/al", "demo"))
                .contains(new TurnUsername("acme", "al", OptionalLong.empty()));
    }

    @Test
    void aColonWithoutExpiryBelongsToAStaticUser() {
        assertThat(TurnUsername.parse("al:ice", "demo").orElseThrow().expiresAt()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1790000000:", "1790000000::al", "1790000000:Acme:al", "/al", "ACME/al", "acme/",
        "1790000000:acme:", "a\nb", "9999999999999:acme/../x:al\0"})
    void refusesNamesThatNameNobody(String username) {
        assertThat(TurnUsername.parse(username, "demo")).isEmpty();
    }

    @Test
    void writesWhatItReads() {
        String username = TurnUsername.rest(Instant.ofEpochSecond(1_790_000_000L), "acme", "al");

        assertThat(username).isEqualTo("1790000000:acme:al");
        assertThat(TurnUsername.parse(username, "demo").orElseThrow().tenantId()).isEqualTo("acme");
    }

    @Test
    void passwordIsTheMacOfTheWholeNameInBase64() {
        // Computed with: printf '1790000000:acme:al' | openssl dgst -sha1 -hmac s3cret -binary | base64
        assertThat(TurnUsername.restPassword("HmacSHA1", "s3cret".getBytes(StandardCharsets.UTF_8),
                "1790000000:acme:al")).isEqualTo("0R7xsqinJB6jYLCFH8PRDlnh9ic=");
        assertThat(TurnUsername.restPassword("HmacSHA256", "s3cret".getBytes(StandardCharsets.UTF_8),
                "1790000000:acme:al")).isEqualTo("BBe8wg1PkQksMbTK2b6GLYkmDJ6BLjxl8+T9mQRf8j0=");
    }

    @Test
    void anUnknownMacIsACallersError() {
        assertThatThrownBy(() -> TurnUsername.restPassword("HmacNONE", new byte[]{1}, "x"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
