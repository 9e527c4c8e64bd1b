package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.TurnUsername;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.testing.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TenantApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42.500Z");
    private static final String ACME = """
            {"displayName":"Acme","status":"ACTIVE","secrets":[{"id":"k1","secret":"s3cret"}],
             "channelNumbers":"RFC5766"}""";

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), true, Duration.ofMillis(300));

    @Test
    void createsThenReplaces() {
        RunningApi.Answer created = api.put("/v1/tenants/acme", ACME);
        RunningApi.Answer replaced = api.put("/v1/tenants/acme", "{\"displayName\":\"Acme Ltd\"}");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("ETag")).isEqualTo("\"1\"");
        assertThat(created.json().get("displayName").textValue()).isEqualTo("Acme");
        assertThat(created.json().get("channelNumbers").textValue()).isEqualTo("RFC5766");
        assertThat(replaced.status()).isEqualTo(200);
        assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
        assertThat(replaced.json().get("displayName").textValue()).isEqualTo("Acme Ltd");
        assertThat(replaced.json().at("/secrets/0/id").textValue()).as("kept").isEqualTo("k1");
    }

    @Test
    void sealsSecretsForThisTenantAndNeverShowsThem() {
        RunningApi.Answer put = api.put("/v1/tenants/acme", ACME);
        PutTenant action = (PutTenant) api.telemetry.tenants.commands().get(0).getAction();
        TenantSecret secret = action.getSecrets().get(0);

        assertThat(api.seal.open(SecretSeal.tenantSecretContext("acme", "k1"), secret.getSealed().array()))
                .contains("s3cret".getBytes(StandardCharsets.UTF_8));
        assertThat(api.seal.open(SecretSeal.tenantSecretContext("other", "k1"), secret.getSealed().array())).isEmpty();
        for (RunningApi.Answer answer : List.of(put, api.get("/v1/tenants/acme"), api.get("/v1/tenants"))) {
            assertThat(answer.raw().body()).contains("\"k1\"").doesNotContain("s3cret");
        }
    }

    @Test
    void sealsAccessTokenKeysForThisTenantAndNeverShowsThem() {
        String key = "MDEyMzQ1Njc4OWFiY2RlZg==";
        RunningApi.Answer put = api.put("/v1/tenants/acme",
                """
                        {"accessTokenKeys":[{"id":"t1","key":"%s"}],"credentialExpiry":"HARD_CUT",
                         "serverNames":["turn.acme.example"],"peerAllow":["10.0.0.0/8"],"peerDeny":["10.9.0.0/16","fc00::/7"]}"""
                        .formatted(key));
        PutTenant action = (PutTenant) api.telemetry.tenants.commands().get(0).getAction();

        assertThat(put.status()).isEqualTo(201);
        byte[] sealed = action.getAccessTokenKeys().get(0).getSealed().array();
        assertThat(api.seal.open(SecretSeal.accessTokenKeyContext("acme", "t1"), sealed))
                .contains("0123456789abcdef".getBytes(StandardCharsets.UTF_8));
        assertThat(api.seal.open(SecretSeal.accessTokenKeyContext("other", "t1"), sealed)).isEmpty();
        for (RunningApi.Answer answer : List.of(put, api.get("/v1/tenants/acme"))) {
            assertThat(answer.raw().body()).contains("\"t1\"", "\"HARD_CUT\"", "[\"turn.acme.example\"]",
                    "[\"10.0.0.0/8\"]", "[\"10.9.0.0/16\",\"fc00::/7\"]").doesNotContain(key);
        }
        assertThat(api.put("/v1/tenants/acme", "{}").json().at("/accessTokenKeys/0/id").textValue()).as("kept")
                .isEqualTo("t1");
    }

    @Test
    void saysWhoAskedInTheCommand() {
        api.put("/v1/tenants/acme", ACME);

        assertThat(api.telemetry.tenants.commands().get(0).getActor()).isEqualTo("ops");
        assertThat(api.telemetry.tenants.commands().get(0).getIfMatch()).isNull();
        assertThat(api.telemetry.tenants.commands().get(0).getCommandId()).isNotBlank();
    }

    @Test
    void refusesAWriterThatSawAnotherVersion() {
        api.put("/v1/tenants/acme", ACME);

        RunningApi.Answer stale = api.put("/v1/tenants/acme", ACME, "If-Match", "\"7\"");
        RunningApi.Answer second = api.put("/v1/tenants/acme", ACME, "If-None-Match", "*");
        RunningApi.Answer right = api.put("/v1/tenants/acme", ACME, "If-Match", "\"1\"");

        assertThat(stale.status()).isEqualTo(412);
        assertThat(stale.header("ETag")).isEqualTo("\"1\"");
        assertThat(second.status()).isEqualTo(412);
        assertThat(right.status()).isEqualTo(200);
    }

    @Test
    void refusesAnIfMatchThatIsNoEtag() {
        for (String match : List.of("3", "W/\"3\"", "*", "\"1\", \"2\"")) {
            assertThat(api.put("/v1/tenants/acme", ACME, "If-Match", match).json().get("field").textValue())
                    .isEqualTo("If-Match");
        }
        assertThat(api.telemetry.tenants.commands()).isEmpty();
    }

    @Test
    void deletes() {
        api.put("/v1/tenants/acme", ACME);

        assertThat(api.delete("/v1/tenants/acme").status()).isEqualTo(204);
        assertThat(api.get("/v1/tenants/acme").status()).isEqualTo(404);
        assertThat(api.delete("/v1/tenants/acme").status()).isEqualTo(404);
    }

    @Test
    void pagesTenantsById() {
        for (String id : List.of("c", "a", "e", "b", "d")) {
            api.put("/v1/tenants/" + id, "{}");
        }
        List<String> ids = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = api.get("/v1/tenants?limit=2" + cursor).json();
            page.get("tenants").forEach(tenant -> ids.add(tenant.get("id").textValue()));
            cursor = page.get("nextCursor").isNull() ? null : "&cursor=" + page.get("nextCursor").textValue();
        } while (cursor != null);

        assertThat(ids).containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void namesTheFieldThatIsWrong() {
        assertField("displayName", "{\"displayName\":7}");
        assertField("status", "{\"status\":\"DELETED\"}");
        assertField("colour", "{\"colour\":\"red\"}");
        assertField("secrets", "{\"secrets\":{}}");
        assertField("secrets[0]", "{\"secrets\":[\"s3cret\"]}");
        assertField("secrets[0].id", "{\"secrets\":[{\"secret\":\"s3cret\"}]}");
        assertField("secrets[1].id", "{\"secrets\":[{\"id\":\"a\",\"secret\":\"x\"},{\"id\":\"a\",\"secret\":\"y\"}]}");
        assertField("secrets[0].secret", "{\"secrets\":[{\"id\":\"a\",\"secret\":\"\"}]}");
        assertField("secrets[0].algorithm", "{\"secrets\":[{\"id\":\"a\",\"secret\":\"x\",\"algorithm\":\"MD5\"}]}");
        assertField("secrets[0].hint", "{\"secrets\":[{\"id\":\"a\",\"secret\":\"x\",\"hint\":\"y\"}]}");
        assertField("channelNumbers", "{\"channelNumbers\":\"\"}");
        assertField("credentialExpiry", "{\"credentialExpiry\":\"NEVER\"}");
        assertField("accessTokenKeys[0].key", "{\"accessTokenKeys\":[{\"id\":\"t\",\"key\":\"s3cret\"}]}");
        assertField("accessTokenKeys[0].key", "{\"accessTokenKeys\":[{\"id\":\"t\",\"key\":\"*\"}]}");
        assertField("serverNames[1]", "{\"serverNames\":[\"turn.example.org\",\"Turn.example.org\"]}");
        assertField("peerAllow[0]", "{\"peerAllow\":[\"10.1.0.0/8\"]}");
        assertField("peerDeny", "{\"peerDeny\":\"10.0.0.0/8\"}");
        assertThat(api.telemetry.tenants.commands()).isEmpty();
    }

    @Test
    void refusesTenantIdsThatNoCredentialCouldCarry() {
        assertThat(api.put("/v1/tenants/Acme", "{}").json().get("field").textValue()).isEqualTo("tenant");
        assertThat(api.put("/v1/tenants/a:b", "{}").json().get("field").textValue()).isEqualTo("tenant");
        assertThat(api.put("/v1/tenants/" + "a".repeat(64), "{}").json().get("field").textValue()).isEqualTo("tenant");
    }

    @Test
    void saysThatAWriteMayStillHappenWhenNoDecisionArrives() {
        api.telemetry.tenants.silenceLedger();

        RunningApi.Answer answer = api.put("/v1/tenants/acme", ACME);

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("2");
        assertThat(answer.json().get("detail").textValue()).contains("may still be carried out");
    }

    @Test
    void mintsCredentialsThatTheRelayAccepts() {
        api.put("/v1/tenants/acme", ACME);

        JsonNode answer = api.post("/v1/tenants/acme/credentials", "{\"user\":\"al\",\"ttlSeconds\":600}").json();

        String username = answer.at("/iceServers/0/username").textValue();
        assertThat(username).isEqualTo("1795343262:acme:al");
        assertThat(answer.get("expiresAt").textValue()).isEqualTo("2026-11-22T10:27:42Z");
        assertThat(answer.at("/iceServers/0/credential").textValue()).isEqualTo(
                TurnUsername.restPassword("HmacSHA1", "s3cret".getBytes(StandardCharsets.UTF_8), username));
        assertThat(answer.at("/iceServers/0/urls").toString())
                .isEqualTo("[\"turn:127.0.0.1:3478?transport=udp\",\"turn:127.0.0.1:3478?transport=tcp\"]");
    }

    @Test
    void revokesAUserAndMintsWhatShowsToBeNewer() {
        api.put("/v1/tenants/acme", ACME);

        assertThat(api.delete("/v1/tenants/acme/credentials/a%2Fl").status()).isEqualTo(204);

        RevokeCredential action = (RevokeCredential) api.telemetry.tenants.commands().get(1).getAction();
        assertThat(action.getUserId()).isEqualTo("a/l");
        JsonNode revoked = api.post("/v1/tenants/acme/credentials", "{\"user\":\"a/l\",\"ttlSeconds\":600}").json();
        String username = revoked.at("/iceServers/0/username").textValue();
        assertThat(username).as("issued in the second after").isEqualTo("1795343262-1795342663:acme:a/l");
        assertThat(TurnUsername.parse(username, "demo").orElseThrow().userId()).isEqualTo("a/l");
        assertThat(revoked.at("/iceServers/0/credential").textValue()).isEqualTo(
                TurnUsername.restPassword("HmacSHA1", "s3cret".getBytes(StandardCharsets.UTF_8), username));
        JsonNode other = api.post("/v1/tenants/acme/credentials", "{\"user\":\"bo\",\"ttlSeconds\":600}").json();
        assertThat(other.at("/iceServers/0/username").textValue()).isEqualTo("1795343262:acme:bo");
    }

    @Test
    void revokesNothingOfATenantThatThereIsNot() {
        assertThat(api.delete("/v1/tenants/ghost/credentials/al").status()).isEqualTo(404);
        assertThat(api.delete("/v1/tenants/acme/credentials/" + "x".repeat(129)).json().get("field").textValue())
                .isEqualTo("user");
    }

    @Test
    void mintsWithTheAlgorithmOfTheFirstSecret() {
        api.put("/v1/tenants/acme", """
                {"secrets":[{"id":"new","secret":"n","algorithm":"HMAC_SHA256"},{"id":"old","secret":"o"}]}""");

        JsonNode server = api.post("/v1/tenants/acme/credentials", "{\"user\":\"al\"}").json().at("/iceServers/0");

        assertThat(server.get("credential").textValue()).isEqualTo(TurnUsername.restPassword("HmacSHA256",
                "n".getBytes(StandardCharsets.UTF_8), server.get("username").textValue()));
    }

    @Test
    void refusesToMintWhatWouldNotWork() {
        api.put("/v1/tenants/bare", "{}");
        api.put("/v1/tenants/off", "{\"status\":\"SUSPENDED\",\"secrets\":[{\"id\":\"k\",\"secret\":\"s\"}]}");

        assertThat(api.post("/v1/tenants/bare/credentials", "{\"user\":\"al\"}").status()).isEqualTo(409);
        assertThat(api.post("/v1/tenants/off/credentials", "{\"user\":\"al\"}").status()).isEqualTo(409);
        assertThat(api.post("/v1/tenants/ghost/credentials", "{\"user\":\"al\"}").status()).isEqualTo(404);
        assertThat(api.post("/v1/tenants/bare/credentials", "{}").json().get("field").textValue()).isEqualTo("user");
        assertThat(api.post("/v1/tenants/bare/credentials", "{\"user\":\"al\",\"ttlSeconds\":1}").json().get("field")
                .textValue()).isEqualTo("ttlSeconds");
        assertThat(api.post("/v1/tenants/bare/credentials", "{\"user\":\"a\\nb\"}").json().get("field").textValue())
                .isEqualTo("user");
    }

    private static void assertField(String field, String body) {
        RunningApi.Answer answer = api.put("/v1/tenants/acme", body);
        assertThat(answer.status()).as(body).isEqualTo(400);
        assertThat(answer.json().get("field").textValue()).as(body).isEqualTo(field);
        assertThat(answer.raw().body()).doesNotContain("s3cret");
    }
}
