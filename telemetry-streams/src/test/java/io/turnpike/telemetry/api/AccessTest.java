package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.RunningApi.bearer;
import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.testing.ManualClock;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AccessTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    private static final List<String> ACME_RESOURCES = List.of("", "/quota", "/quota/status", "/quota/history",
            "/quota/history/users", "/usage",
            "/users", "/users/al/usage", "/allocations", "/connectivity");

    @RegisterExtension
    static final RunningApi open = new RunningApi(new ManualClock(NOW), "other");
    @RegisterExtension
    static final RunningApi closed = new RunningApi(new ManualClock(NOW), false, Duration.ofSeconds(10),
            "other");

    @BeforeEach
    void fill() {
        for (RunningApi api : List.of(open, closed)) {
            api.put("/v1/tenants/acme", "{\"secrets\":[{\"id\":\"k\",\"secret\":\"s\"}]}");
            api.telemetry.allocations.add(Samples.live("n1-1-1", "other", "al", NOW, Usage.ZERO));
        }
    }

    @Test
    void readsNeedATokenUnlessLoopbackIsAllowed() {
        for (String resource : ACME_RESOURCES) {
            RunningApi.Answer refused = closed.get("/v1/tenants/acme" + resource);
            assertThat(refused.status()).as(resource).isEqualTo(401);
            assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
            assertThat(open.get("/v1/tenants/acme" + resource).status()).as(resource).isEqualTo(200);
        }
        assertThat(closed.get("/v1/nodes").status()).isEqualTo(401);
        assertThat(closed.get("/v1/allocations/n1-1-1").status()).isEqualTo(401);
    }

    @Test
    void writesAlwaysNeedAToken() {
        assertThat(open.send(open.request("/v1/tenants/acme").PUT(BodyPublishers.ofString("{}"))).status())
                .isEqualTo(401);
        assertThat(open.send(open.request("/v1/tenants/acme").DELETE()).status()).isEqualTo(401);
        assertThat(open.send(open.request("/v1/tenants/acme/credentials")
                .POST(BodyPublishers.ofString("{\"user\":\"al\"}"))).status()).isEqualTo(401);
        assertThat(open.send(open.request("/v1/tenants/acme/credentials/al").DELETE()).status()).isEqualTo(401);
        assertThat(open.get("/v1/tenants/acme").status()).isEqualTo(200);
    }

    @Test
    void refusesAnUnknownTokenEvenOnLoopback() {
        assertThat(open.get("/v1/tenants", "Authorization", bearer("guess")).status()).isEqualTo(401);
        assertThat(open.get("/v1/tenants", "Authorization", bearer("")).status()).isEqualTo(401);
        assertThat(open.get("/v1/tenants", "Authorization", "Basic b3BzOm9wcw==").status()).isEqualTo(401);
    }

    @Test
    void aTenantSeesOnlyItself() {
        String token = bearer(RunningApi.ACME);
        for (String resource : ACME_RESOURCES) {
            assertThat(closed.get("/v1/tenants/acme" + resource, "Authorization", token).status()).isEqualTo(200);
            assertThat(closed.get("/v1/tenants/other" + resource, "Authorization", token).status()).isEqualTo(403);
        }
        for (String path : List.of("/v1/cluster/usage", "/v1/cluster/connectivity", "/v1/nodes", "/v1/nodes/n1",
                "/v1/nodes/n1/usage",
                "/v1/telemetry/completeness")) {
            assertThat(closed.get(path, "Authorization", token).status()).isEqualTo(403);
        }
        assertThat(
                closed.get("/v1/tenants", "Authorization", token).json().get("tenants").findValuesAsText("displayName"))
                .containsExactly("acme");
    }

    @Test
    void aTenantRevokesItsOwnUsersOnly() {
        String token = bearer(RunningApi.ACME);
        assertThat(closed.send(closed.request("/v1/tenants/acme/credentials/al", "Authorization", token).DELETE())
                .status()).isEqualTo(204);
        assertThat(closed.send(closed.request("/v1/tenants/other/credentials/al", "Authorization", token).DELETE())
                .status()).isEqualTo(403);
    }

    @Test
    void noSpellingOfAPathShowsATenantAnother() {
        for (String path : List.of("/v1/tenants/%6Fther/usage", "/v1/tenants/acme/%2E%2E/other/usage",
                "/v1/tenants/acme/..%2Fother/usage", "/v1/tenants/acme%2F..%2Fother/usage",
                "/v1/tenants/acme%00/usage", "/v1/tenants/acme%00other/usage", "/v1/tenants//other/usage",
                "/v1/tenants/other;acme/usage", "/v1/tenants/other%3Bacme/usage", "/v1/tenants/acme%FF/usage",
                "//v1/tenants/other/usage", "/v1/tenants/other%2Fusage", "/v1/tenants/%2561cme/usage",
                "/v1/tenants/acme/users/%2E%2E/%2E%2E/other/usage", "/v1/allocations/n1-1-1%00",
                "/v1/allocations/n1-1-1")) {
            RunningApi.Answer answer = closed.get(path, "Authorization", RunningApi.bearer(RunningApi.ACME));
            assertThat(answer.status()).as(path).isBetween(400, 404);
            assertThat(answer.header("Content-Type")).as(path).isEqualTo("application/problem+json");
        }
    }

    @Test
    void aUserIsFoundByItsNameWhateverItsCharacters() {
        for (String user : List.of("a/b", "a|b", "a%2Fb", "a;b", "a+b", "a b", "a?b#c", "a\\b", "\u00e4\ud83d\ude00",
                "<img src=x>", "..a", "a:b", "*")) {
            String name = URLEncoder.encode(user, StandardCharsets.UTF_8).replace("+", "%20");
            RunningApi.Answer answer = open.get("/v1/tenants/acme/users/" + name + "/usage");
            assertThat(answer.status()).as(user).isEqualTo(200);
            assertThat(answer.json().get("user").textValue()).isEqualTo(user);
        }
        for (String name : List.of("%00", "a%00", "a%0Ab", "%7F", "x".repeat(129), "%C3%A4".repeat(65))) {
            assertThat(open.get("/v1/tenants/acme/users/" + name + "/usage").status()).as(name).isEqualTo(400);
        }
    }

    @Test
    void anotherTenantsAllocationIsAsUnknownAsNone() {
        String token = bearer(RunningApi.ACME);

        RunningApi.Answer foreign = closed.get("/v1/allocations/n1-1-1", "Authorization", token);
        RunningApi.Answer none = closed.get("/v1/allocations/n9-9-9", "Authorization", token);

        assertThat(foreign.status()).isEqualTo(404);
        assertThat(foreign.raw().body()).isEqualTo(none.raw().body());
        assertThat(closed.get("/v1/allocations/n1-1-1", "Authorization", bearer(RunningApi.OPERATOR)).status())
                .isEqualTo(200);
    }

    @Test
    void aTenantMintsItsCredentialsButDoesNotRaiseItsQuota() {
        String token = bearer(RunningApi.ACME);

        assertThat(closed.post("/v1/tenants/acme/credentials", "{\"user\":\"al\"}", "Authorization", token).status())
                .isEqualTo(200);
        assertThat(closed.post("/v1/tenants/other/credentials", "{\"user\":\"al\"}", "Authorization", token).status())
                .isEqualTo(403);
        assertThat(closed.put("/v1/tenants/acme/quota", "{\"mode\":\"OFF\"}", "Authorization", token).status())
                .isEqualTo(403);
        assertThat(closed.put("/v1/tenants/acme", "{}", "Authorization", token).status()).isEqualTo(403);
        assertThat(closed.delete("/v1/tenants/acme", "Authorization", token).status()).isEqualTo(403);
    }

    @Test
    void aForwardedRequestOrAForeignHostNameIsNotLocal() {
        Authentication authentication = new Authentication(List.of(), true);
        InetSocketAddress local = new InetSocketAddress("127.0.0.1", 40_000);

        assertThat(authentication.caller(headers("localhost:8080"), local).rights()).isEqualTo(Caller.Rights.READ);
        assertThat(authentication.caller(headers("[::1]:8080"), new InetSocketAddress("::1", 1)).name())
                .isEqualTo("anonymous");
        assertRefused(authentication, headers("evil.example"), local);
        assertRefused(authentication, headers("127.0.0.1.evil.example"), local);
        assertRefused(authentication, headers("localhost:8080").toBuilder().add("x-forwarded-for", "192.0.2.1").build(),
                local);
        assertRefused(authentication, headers("localhost:8080"), new InetSocketAddress("192.0.2.1", 1));
    }

    @Test
    void healthMetricsAndTheDescriptionNeedNoToken() {
        for (String path : List.of("/health/live", "/health/ready", "/metrics", "/openapi.yaml", "/")) {
            assertThat(closed.get(path).status()).as(path).isEqualTo(200);
        }
    }

    @Test
    void aTokenIsNeverPrinted() {
        assertThat(ApiToken.operator("ops", "hush").toString()).doesNotContain("hush");
    }

    private static void assertRefused(Authentication authentication, RequestHeaders headers, InetSocketAddress remote) {
        Assertions.assertThatThrownBy(() -> authentication.caller(headers, remote)).isInstanceOf(Problem.class);
    }

    private static RequestHeaders headers(String authority) {
        return RequestHeaders.builder(HttpMethod.GET, "/v1/tenants").scheme("http").authority(authority).build();
    }
}
