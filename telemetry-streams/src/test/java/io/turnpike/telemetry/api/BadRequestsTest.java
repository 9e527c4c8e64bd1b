package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.telemetry.webhook.TargetRules;
import io.turnpike.testing.ManualClock;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.time.Duration;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BadRequestsTest {
    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(Instant.parse("2026-11-22T10:17:42Z")), "acme");

    @Test
    void refusesWhatIsNoJsonObject() {
        for (String body : List.of("", "{", "[]", "null", "7", "\"text\"", "{}{}", "{\"a\":1,\"a\":2}", "\u0000",
                "{\"displayName\":\"x\"", "{'displayName':'x'}")) {
            RunningApi.Answer answer = api.put("/v1/tenants/acme", body);
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.json().get("field").textValue()).as(body).isEqualTo("body");
        }
    }

    @Test
    void refusesDeepNestingAndLongBodies() {
        RunningApi.Answer deep = api.put("/v1/tenants/acme",
                "{\"secrets\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}");
        RunningApi.Answer large = api.put("/v1/tenants/acme", "{\"displayName\":\"" + "x".repeat(70_000) + "\"}");

        assertThat(deep.status()).isEqualTo(400);
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(api.get("/v1/tenants/acme").status()).isEqualTo(200);
    }

    @Test
    void answersAnyBytesWithAProblem() {
        Random random = new Random(42);
        for (int i = 0; i < 300; i++) {
            byte[] body = new byte[random.nextInt(64)];
            random.nextBytes(body);
            RunningApi.Answer answer = api.send(api.request("/v1/tenants/acme", "Authorization",
                    RunningApi.bearer(RunningApi.OPERATOR)).PUT(BodyPublishers.ofByteArray(body)));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("type").textValue()).isEqualTo("urn:turnpike:problem:invalid-body");
        }
    }

    @Test
    void namesTheParameterThatIsWrong() {
        assertField("/v1/tenants/acme/usage?step=2m", "step");
        assertField("/v1/tenants/acme/usage?from=now", "from");
        assertField("/v1/tenants/acme/usage?setp=1m", "setp");
        assertField("/v1/tenants/acme/usage?step=1m&step=5m", "step");
        assertField("/v1/tenants/acme/usage?from=2026-11-20T20:00:00Z&step=1m", "step");
        assertField("/v1/tenants/acme/users?limit=0", "limit");
        assertField("/v1/tenants/acme/users?limit=1001", "limit");
        assertField("/v1/tenants/acme/users?limit=x", "limit");
        assertField("/v1/tenants/acme/users?sort=bytes,user", "sort");
        assertField("/v1/tenants/acme/allocations?state=dead", "state");
        assertField("/v1/tenants/acme/allocations?user=", "user");
        assertField("/v1/tenants/acme/users/" + "x".repeat(129) + "/usage", "user");
        assertField("/v1/tenants/UPPER/usage", "tenant");
        assertField("/v1/nodes?limit=5", "limit");
    }

    @Test
    void answersUnknownPathsAndMethodsWithProblems() {
        RunningApi.Answer missing = api.get("/v1/nothing");
        RunningApi.Answer method = api.post("/v1/tenants", "{}");

        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.json().get("type").textValue()).isEqualTo("urn:turnpike:problem:not-found");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.json().get("type").textValue()).isEqualTo("urn:turnpike:problem:method-not-allowed");
        for (String later : List.of("/v1/live", "/v1/webhooks")) {
            assertThat(api.get(later).status()).as(later).isEqualTo(404);
        }
    }

    @Test
    void answersHeadLikeGetWithoutTheContent() {
        for (String path : List.of("/health/ready", "/v1/tenants/acme", "/", "/openapi.yaml")) {
            RunningApi.Answer head = api.send(api.request(path).method("HEAD", BodyPublishers.noBody()));
            assertThat(head.status()).as(path).isEqualTo(200);
            assertThat(head.header("Content-Type")).as(path).isEqualTo(api.get(path).header("Content-Type"));
            assertThat(head.raw().body()).as(path).isEmpty();
        }
        assertThat(api.send(api.request("/v1/tenants/ghost").method("HEAD", BodyPublishers.noBody())).status())
                .isEqualTo(404);
    }

    @Test
    void countsRefusalsByKind() {
        double before = refusals("invalid-body");

        api.put("/v1/tenants/acme", "{");
        api.put("/v1/tenants/acme", "[]");

        assertThat(refusals("invalid-body") - before).isEqualTo(2);
    }

    @Test
    void saysWhatItWaitsForUntilReady() {
        api.telemetry.readiness(Readiness.no("restoring stores"));

        RunningApi.Answer answer = api.get("/health/ready");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
        assertThat(answer.json().get("detail").textValue()).isEqualTo("restoring stores");
        assertThat(api.get("/health/live").status()).isEqualTo(200);
    }

    @Test
    void saysHowFarItIsWithStoresThatAreReadBack() {
        api.telemetry.readiness(
                Readiness.restoring(new Readiness.Restore(List.of("sessions", "usage-1h"), 780_000, 61)));

        RunningApi.Answer answer = api.get("/health/ready");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().get("detail").textValue())
                .isEqualTo("restoring stores, 61 % done, 780000 records left: sessions, usage-1h");
        assertThat(answer.json().get("restoring").toString())
                .isEqualTo("{\"stores\":[\"sessions\",\"usage-1h\"],\"recordsLeft\":780000,\"percentDone\":61}");
    }

    @Test
    void namesTheAddressThatIsTaken() {
        ApiConfig taken = new ApiConfig("127.0.0.1", api.server.port(), List.of(), true, List.of(), api.seal,
                Duration.ofSeconds(1), new TargetRules(false, List.of())::refusal);

        assertThatThrownBy(() -> ApiServer.start(taken, new FakeTelemetry(Clock.systemUTC()).sources()))
                .isInstanceOf(IOException.class).hasMessageContaining("127.0.0.1:" + api.server.port());
    }

    @Test
    void refusesCursorsThatItNeverGave() {
        String place = "{\"state\":\"live\",\"id\":\"x\"}";
        for (String cursor : List.of("", "!!", "AAAA", base64("[]"), base64(place), base64("0123456789abcdef" + place),
                base64("0123456789abcdef"))) {
            assertField("/v1/tenants/acme/allocations?cursor=" + cursor, "cursor");
            assertField("/v1/tenants?cursor=" + cursor, "cursor");
        }
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertField(String path, String field) {
        RunningApi.Answer answer = api.get(path);
        assertThat(answer.status()).as(path).isEqualTo(400);
        assertThat(answer.json().get("field").textValue()).as(path).isEqualTo(field);
    }

    private static double refusals(String type) {
        return api.telemetry.meters.counter("turnpike.api.problems", "type", type).count();
    }
}
