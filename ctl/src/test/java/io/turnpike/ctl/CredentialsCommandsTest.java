package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code credentials} and {@code revoke}. */
class CredentialsCommandsTest extends CommandTest {

    @Test
    void mintsACredential() {
        api.on("POST /v1/tenants/acme/credentials", 200, "{'iceServers':[{'urls':['turn:h:3478'],'username':"
                + "'1:acme:al','credential':'pw'}],'expiresAt':'2026-11-22T00:00:00Z'}");

        assertThat(ctl("credentials", "acme", "al", "--ttl", "60")).isZero();
        assertThat(api.last().body()).isEqualTo("{\"user\":\"al\",\"ttlSeconds\":60}");
        assertThat(out.toString()).contains("1:acme:al").contains("pw").contains("turn:h:3478");
    }

    @Test
    void revokesTheCredentialsOfAUser() {
        api.on("DELETE /v1/tenants/acme/credentials/a%2Fl", 204, "");

        assertThat(ctl("revoke", "acme", "a/l")).isZero();
        assertThat(api.last().line()).isEqualTo("DELETE /v1/tenants/acme/credentials/a%2Fl");
        assertThat(out.toString()).contains("revoked the credentials of a/l");
        assertThat(ctl("revoke", "ghost", "al")).isEqualTo(4);
    }
}
