package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.contract.SecretSeal;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.testing.ManualClock;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WebhookApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    private static final String PATH = "/v1/tenants/acme/webhooks/ops";
    private static final String KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String BODY = "{\"url\":\"https://hooks.example.org/x?y=1\",\"secrets\":[{\"id\":\"k1\","
            + "\"secret\":\"whsec_" + KEY + "\"}],\"events\":[\"quota.warning\"]}";

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), "acme");

    @Test
    void makesAWebhookWhoseKeysAreSealedForItAndNeverComeBack() {
        RunningApi.Answer made = api.put(PATH, BODY);

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("ETag")).isEqualTo("\"1\"");
        assertThat(made.raw().body()).doesNotContain(KEY);
        assertThat(made.json().at("/secrets/0/id").textValue()).isEqualTo("k1");
        assertThat(made.json().get("delivery").isNull()).isTrue();
        WebhookCommand command = api.telemetry.webhooks.commands().get(0);
        assertThat(command.getActor()).isEqualTo("ops");
        WebhookSecret secret = command.getSecrets().get(0);
        byte[] sealed = new byte[secret.getSealed().remaining()];
        secret.getSealed().duplicate().get(sealed);
        assertThat(api.seal.open(SecretSeal.webhookSecretContext("acme", "ops", "k1"), sealed))
                .hasValueSatisfying(key -> assertThat(key).isEqualTo(Base64.getDecoder().decode(KEY)));
        assertThat(api.seal.open(SecretSeal.webhookSecretContext("acme", "other", "k1"), sealed)).isEmpty();
    }

    @Test
    void keepsKeysThatAreNotGivenAndRefusesAStaleWriter() {
        api.put(PATH, BODY);

        RunningApi.Answer changed = api.put(PATH, "{\"url\":\"https://hooks.example.org/z\",\"status\":\"DISABLED\"}",
                "If-Match", "\"1\"");
        RunningApi.Answer stale = api.put(PATH, BODY, "If-Match", "\"1\"");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().at("/secrets/0/id").textValue()).isEqualTo("k1");
        assertThat(changed.json().get("status").textValue()).isEqualTo("DISABLED");
        assertThat(changed.json().get("events")).isEmpty();
        assertThat(stale.status()).isEqualTo(412);
        assertThat(api.put("/v1/tenants/acme/webhooks/new", "{\"url\":\"https://a.example\"}").json().get("field")
                .textValue()).isEqualTo("secrets");
    }

    @Test
    void refusesUrlsThatMustNotBeSpokenTo() {
        for (String url : new String[]{"http://hooks.example.org", "ftp://hooks.example.org", "https://", "/relative",
            "https://user@hooks.example.org", "https://hooks.example.org/#x", "https://127.0.0.1/", "https://[::1]/",
            "https://169.254.169.254/latest/meta-data", "https://10.0.0.1", "https://[::ffff:10.0.0.1]/",
            "https://[fd00:ec2::254]/", "https://hooks.example.org:99999/", "https://hooks example.org/"}) {
            RunningApi.Answer answer = api.put(PATH, BODY.replace("https://hooks.example.org/x?y=1", url));
            assertThat(answer.status()).as(url).isEqualTo(400);
            assertThat(answer.json().get("field").textValue()).as(url).isEqualTo("url");
        }
        assertThat(api.telemetry.webhooks.commands()).isEmpty();
    }

    @Test
    void namesTheFieldThatIsWrong() {
        assertField("secrets[0].secret", BODY.replace("whsec_", ""));
        assertField("secrets[0].secret", BODY.replace(KEY, "c2hvcnQ="));
        assertField("secrets[0].id", BODY.replace("k1", "K 1"));
        assertField("events[0]", BODY.replace("quota.warning", "quota.unknown"));
        assertField("status", BODY.replace("\"events\"", "\"status\":\"GONE\",\"events\""));
        assertField("name", BODY.replace("\"events\"", "\"name\":\"ops\",\"events\""));
        assertThat(api.put("/v1/tenants/acme/webhooks/No", BODY).json().get("field").textValue()).isEqualTo("name");
    }

    @Test
    void testsAndRemovesAWebhook() {
        api.put(PATH, BODY);

        RunningApi.Answer tested = api.post(PATH + "/test", "");
        RunningApi.Answer removed = api.delete(PATH);

        assertThat(tested.status()).isEqualTo(202);
        assertThat(tested.json().get("commandId").textValue())
                .isEqualTo(api.telemetry.webhooks.commands().get(1).getCommandId());
        assertThat(api.telemetry.webhooks.commands().get(1).getAction()).isEqualTo(WebhookAction.TEST);
        assertThat(removed.status()).isEqualTo(204);
        assertThat(api.get(PATH).status()).isEqualTo(404);
        assertThat(api.post(PATH + "/test", "").status()).isEqualTo(404);
        assertThat(api.delete(PATH).status()).isEqualTo(404);
    }

    @Test
    void aTenantMayLookAtItsWebhooksAndOnlyAnOperatorWritesThem() {
        api.put(PATH, BODY);
        String acme = RunningApi.bearer(RunningApi.ACME);

        JsonNode list = api.get("/v1/tenants/acme/webhooks", "Authorization", acme).json();

        assertThat(list.at("/webhooks/0/name").textValue()).isEqualTo("ops");
        assertThat(api.put(PATH, BODY, "Authorization", acme).status()).isEqualTo(403);
        assertThat(api.post(PATH + "/test", "", "Authorization", acme).status()).isEqualTo(403);
        assertThat(api.delete(PATH, "Authorization", acme).status()).isEqualTo(403);
        assertThat(api.get("/v1/tenants/other/webhooks", "Authorization", acme).status()).isEqualTo(403);
        assertThat(api.get("/v1/tenants/ghost/webhooks").status()).isEqualTo(404);
    }

    private static void assertField(String field, String body) {
        RunningApi.Answer answer = api.put(PATH, body);
        assertThat(answer.status()).as(body).isEqualTo(400);
        assertThat(answer.json().get("field").textValue()).as(body).isEqualTo(field);
    }
}
