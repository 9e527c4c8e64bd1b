package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.RunningApi.bearer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.turnpike.telemetry.query.Node;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.query.WebhookEntry;
import io.turnpike.telemetry.webhook.TargetRules;
import io.turnpike.testing.ManualClock;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OpenApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    private static final String WEBHOOK = "{\"url\":\"https://hooks.example.org/x\",\"secrets\":[{\"id\":\"k1\","
            + "\"secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}],\"events\":[\"quota.warning\"]}";
    private static final Map<String, String> BODIES = Map.of("/v1/tenants/{tenant}", "{\"displayName\":\"Acme\"}",
            "/v1/tenants/{tenant}/quota", "{\"mode\":\"HARD\",\"volumeBytes\":5242880}",
            "/v1/tenants/{tenant}/quota/what-if", "{\"volumeBytes\":100,\"userVolumeBytes\":50}",
            "/v1/tenants/{tenant}/webhooks/{name}", WEBHOOK, "/v1/tenants/{tenant}/webhooks/{name}/test", "",
            "/v1/tenants/{tenant}/credentials", "{\"user\":\"al\"}",
            "/v1/dlq/{letter}/replay", "{\"force\":true}");

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW));
    private static JsonNode description;
    private static SchemaCheck schemas;

    @BeforeAll
    static void read() throws IOException {
        description = new YAMLMapper().readTree(api.get("/openapi.yaml").raw().body());
        schemas = new SchemaCheck(description);
    }

    @BeforeEach
    void fill() {
        api.put("/v1/tenants/acme", "{\"secrets\":[{\"id\":\"k1\",\"secret\":\"s3cret\"}]}");
        api.put("/v1/tenants/acme/quota", "{\"mode\":\"HARD\",\"volumeBytes\":1000}");
        api.put("/v1/tenants/acme/webhooks/ops", WEBHOOK);
        api.telemetry.webhooks.fares("acme", "ops", new WebhookEntry.Delivery(3, 1, 2, Optional.of(NOW), "evt_1_0_5",
                Optional.of(NOW), Optional.empty(), 500, "the endpoint answered 500", Optional.of(NOW)));
        for (String user : List.of("al", "bo")) {
            api.telemetry.usage.use("acme", user, NOW, Samples.usage(3, 2));
        }
        api.telemetry.nodes.add(Samples.node("n1", Node.State.SERVING, 1, NOW));
        api.telemetry.allocations.add(Samples.live("n1-1-1", "acme", "al", NOW, Samples.usage(3, 2)));
        api.telemetry.allocations
                .add(Samples.ended("n1-1-2", "acme", "al", NOW, Samples.usage(3, 2), Outcome.CONNECTED));
        api.telemetry.outcomes.count("acme", Outcome.CONNECTED, 1);
        api.telemetry.completeness.hours.add(CompletenessApiTest.HOUR);
        api.telemetry.letters.add(Samples.letter(0, 7, NOW));
    }

    @Test
    void describesEveryRouteAndNoOther() {
        Map<String, Set<String>> described = new TreeMap<>();
        description.get("paths").properties().forEach(path -> path.getValue().properties().stream()
                .map(Map.Entry::getKey).filter(method -> !method.equals("parameters"))
                .forEach(method -> described.computeIfAbsent(path.getKey(), key -> new TreeSet<>()).add(method)));
        Map<String, Set<String>> served = new TreeMap<>();
        routes().forEach(route -> served.computeIfAbsent(route.path(), key -> new TreeSet<>())
                .add(route.method().name().toLowerCase(Locale.ROOT)));

        assertThat(described).isEqualTo(served);
    }

    @Test
    void describesEveryParameterAndNoOther() {
        for (Route route : routes()) {
            List<String> query = new ArrayList<>();
            List<String> path = new ArrayList<>();
            for (JsonNode list : List.of(operation(route).path("parameters"),
                    description.at(pointer(route)).path("parameters"))) {
                list.forEach(entry -> {
                    JsonNode parameter = schemas.resolve(entry);
                    if (parameter.get("in").textValue().equals("query")) {
                        query.add(parameter.get("name").textValue());
                    } else if (parameter.get("in").textValue().equals("path")) {
                        path.add('{' + parameter.get("name").textValue() + '}');
                    }
                });
            }
            assertThat(query).as(route.path()).containsExactlyInAnyOrderElementsOf(route.parameters());
            assertThat(route.path().replaceAll("[^{}]*(\\{[^}]*})[^{}]*", "$1")).as(route.path())
                    .satisfies(names -> assertThat(path).allSatisfy(name -> assertThat(names).contains(name)));
        }
    }

    @Test
    void answersAsDescribed() {
        int checked = 0;
        for (Route route : routes()) {
            if (route.method().name().equals("DELETE")) {
                continue;
            }
            for (String id : route.path().contains("{id}") ? List.of("n1-1-1", "n1-1-2") : List.of("")) {
                RunningApi.Answer answer = call(route, id, "");
                JsonNode described = operation(route).at("/responses/" + answer.status() + "/content");
                assertThat(answer.status()).as(route.path()).isIn(200, 201, 202);
                assertThat(answer.header("Content-Type")).as(route.path())
                        .startsWith(described.fieldNames().next());
                if (described.has("application/json")) {
                    assertThat(schemas.errors(described.at("/application~1json/schema"), answer.json()))
                            .as(route.path()).isEmpty();
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThan(20);
    }

    @Test
    void listsOfEndedAllocationsAndPagesAreAsDescribedToo() {
        for (String path : List.of("/v1/tenants/{tenant}/allocations", "/v1/tenants/{tenant}/users")) {
            Route route = routes().stream().filter(candidate -> candidate.path().equals(path)).findFirst()
                    .orElseThrow();
            String query = path.endsWith("users") ? "?limit=1&sort=user" : "?state=ended";
            assertThat(schemas.errors(operation(route).at("/responses/200/content/application~1json/schema"),
                    call(route, "", query).json())).isEmpty();
        }
    }

    @Test
    void refusesAsDescribed() {
        JsonNode problem = description.at("/components/schemas/Problem");

        assertThat(schemas.errors(problem, api.get("/v1/tenants/ghost").json())).isEmpty();
        assertThat(schemas.errors(problem, api.get("/v1/nowhere").json())).isEmpty();
        assertThat(schemas.errors(problem, api.get("/v1/tenants?limit=x").json())).isEmpty();
    }

    @Test
    void acceptsTheExamplesOfItsBodies() {
        for (String name : List.of("TenantBody", "QuotaBody", "CredentialBody", "WhatIfBody", "WebhookBody")) {
            JsonNode schema = description.at("/components/schemas/" + name);
            assertThat(schemas.errors(schema, schema.at("/examples/0"))).as(name).isEmpty();
        }
        assertThat(api.put("/v1/tenants/example",
                description.at("/components/schemas/TenantBody/examples/0").toString()).status()).isEqualTo(201);
        assertThat(api.put("/v1/tenants/example/quota",
                description.at("/components/schemas/QuotaBody/examples/0").toString()).status()).isEqualTo(201);
        assertThat(api.post("/v1/tenants/example/credentials",
                description.at("/components/schemas/CredentialBody/examples/0").toString()).status()).isEqualTo(200);
        api.delete("/v1/tenants/example");
    }

    @Test
    void theSchemaCheckSeesWhatIsWrong() {
        JsonNode schema = description.at("/components/schemas/UserUsageAnswer");
        JsonNode answer = api.get("/v1/tenants/acme/users/al/usage").json();
        assertThat(schemas.errors(schema, answer)).isEmpty();

        ((ObjectNode) answer.at("/total/clientToRelay")).put("bytes", 1)
                .put("packets", "3").remove("wireBytes");

        assertThat(schemas.errors(schema, answer)).containsExactlyInAnyOrder(
                "/total/clientToRelay/wireBytes is missing",
                "/total/clientToRelay/packets is not of type \"integer\"",
                "/total/clientToRelay/bytes is not described");
    }

    private static RunningApi.Answer call(Route route, String id, String query) {
        String path = route.path().replace("{tenant}", "acme").replace("{user}", "al").replace("{node}", "n1")
                .replace("{name}", "ops")
                .replace("{letter}", "0-7")
                .replace("{id}", id) + query;
        HttpRequest.Builder request = api.request(path, "Authorization", bearer(RunningApi.OPERATOR));
        String body = BODIES.get(route.path());
        return api.send(switch (route.method().name()) {
            case "PUT" -> request.PUT(BodyPublishers.ofString(body));
            case "POST" -> request.POST(BodyPublishers.ofString(body));
            default -> request.GET();
        });
    }

    private static JsonNode operation(Route route) {
        return description.at(pointer(route) + '/' + route.method().name().toLowerCase(Locale.ROOT));
    }

    private static String pointer(Route route) {
        return "/paths/" + route.path().replace("/", "~1");
    }

    private static List<Route> routes() {
        return Routes.of(new ApiConfig("127.0.0.1", 0, List.of(), true, List.of(), api.seal,
                Duration.ofSeconds(1), new TargetRules(false, List.of())::refusal), api.telemetry.sources());
    }
}
