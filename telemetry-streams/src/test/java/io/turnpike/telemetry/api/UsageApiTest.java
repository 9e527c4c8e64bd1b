package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.Samples.usage;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.Node;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.testing.ManualClock;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What was used over time, by a user, a tenant, the cluster, or over a node. */
class UsageApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), "acme");

    @Test
    void showsAUsersUsageInTheShapeThatScriptsRelyOn() {
        api.telemetry.usage.use("acme", "al", NOW.minusSeconds(60), usage(3, 2));
        api.telemetry.usage.use("acme", "al", NOW, usage(5, 1));

        JsonNode answer = api.get("/v1/tenants/acme/users/al/usage").json();

        assertThat(answer.get("tenant").textValue()).isEqualTo("acme");
        assertThat(answer.get("user").textValue()).isEqualTo("al");
        assertThat(answer.get("step").textValue()).isEqualTo("1m");
        assertThat(answer.get("from").textValue()).isEqualTo("2026-11-22T09:18:00Z");
        assertThat(answer.get("to").textValue()).isEqualTo("2026-11-22T10:18:00Z");
        assertThat(answer.get("points")).hasSize(2);
        JsonNode last = answer.get("points").get(1);
        assertThat(last.get("start").textValue()).isEqualTo("2026-11-22T10:17:00Z");
        assertThat(last.get("partial").booleanValue()).isTrue();
        assertThat(answer.get("points").get(0).get("partial").booleanValue()).isFalse();
        JsonNode total = answer.get("total");
        assertThat(total.get("clientToRelay").toString())
                .isEqualTo("{\"wireBytes\":832,\"payloadBytes\":800,\"packets\":8}");
        assertThat(total.get("relayToPeer").toString())
                .isEqualTo("{\"wireBytes\":800,\"payloadBytes\":800,\"packets\":8}");
        assertThat(total.get("peerToRelay").toString())
                .isEqualTo("{\"wireBytes\":300,\"payloadBytes\":300,\"packets\":3}");
        assertThat(total.get("relayToClient").toString())
                .isEqualTo("{\"wireBytes\":312,\"payloadBytes\":300,\"packets\":3}");
        assertThat(total.get("billableBytes").longValue()).isEqualTo(1_144);
        assertThat(answer.get("asOf").textValue()).isEqualTo(NOW.toString());
        assertThat(answer.get("lagMs").longValue()).isEqualTo(12);
        assertThat(answer.get("complete").booleanValue()).isTrue();
        assertThat(answer.get("missingPartitions")).isEmpty();
    }

    @Test
    void totalsOnlyTheRangeAskedFor() {
        api.telemetry.usage.use("acme", "al", Instant.parse("2026-11-22T10:00:00Z"), usage(1, 0));
        api.telemetry.usage.use("acme", "al", Instant.parse("2026-11-22T10:05:00Z"), usage(10, 0));
        api.telemetry.usage.use("acme", "al", Instant.parse("2026-11-22T10:10:00Z"), usage(100, 0));

        JsonNode answer = api
                .get("/v1/tenants/acme/users/al/usage?from=2026-11-22T10:05:00Z&to=2026-11-22T10:10:00Z&step=5m")
                .json();

        assertThat(answer.at("/total/clientToRelay/packets").longValue()).isEqualTo(10);
        assertThat(answer.at("/total/start").textValue()).isEqualTo("2026-11-22T10:05:00Z");
    }

    @Test
    void keepsByteCountsBeyondTwoToTheFiftyThirdExact() {
        long big = (1L << 53) + 1;
        api.telemetry.usage.use("acme", "al", NOW, new Usage(Usage.ZERO.clientToRelay(), Usage.ZERO.relayToPeer(),
                Usage.ZERO.peerToRelay(), Usage.ZERO.relayToClient(), big));

        assertThat(api.get("/v1/tenants/acme/usage").json().at("/total/billableBytes").longValue()).isEqualTo(big);
    }

    @Test
    void saysWhatIsBookedLaterThanItWasMoved() {
        Usage moved = usage(1, 1);
        api.telemetry.usage.use("acme", "al", NOW, moved);
        api.telemetry.usage.use("acme", "al", NOW,
                new Usage(moved.clientToRelay(), moved.relayToPeer(), moved.peerToRelay(),
                        moved.relayToClient(), moved.billableBytes(), moved.billableBytes()));

        JsonNode series = api.get("/v1/tenants/acme/usage").json();
        JsonNode user = api.get("/v1/tenants/acme/users").json().at("/users/0");

        assertThat(series.at("/total/adjustmentBytes").longValue()).isEqualTo(208);
        assertThat(series.at("/points/0/adjustmentBytes").longValue()).isEqualTo(208);
        assertThat(user.get("adjustmentBytes").longValue()).isEqualTo(208);
        assertThat(user.get("billableBytes").longValue()).as("it is a part of them").isEqualTo(416);
    }

    @Test
    void addsUpTenantAndCluster() {
        api.telemetry.usage.use("acme", "al", NOW, usage(1, 1));
        api.telemetry.usage.use("acme", "bo", NOW, usage(1, 1));
        api.telemetry.usage.use("other", "al", NOW, usage(1, 1));

        assertThat(api.get("/v1/tenants/acme/usage").json().at("/total/billableBytes").longValue()).isEqualTo(416);
        assertThat(api.get("/v1/cluster/usage").json().at("/total/billableBytes").longValue()).isEqualTo(624);
    }

    @Test
    void showsWhatANodeRelayedAsLongAsItIsKept() {
        api.telemetry.usage.relay("relay-1", NOW.minusSeconds(60), usage(3, 2));
        api.telemetry.usage.relay("relay-1", NOW, usage(5, 1));
        api.telemetry.usage.relay("relay-2", NOW, usage(1, 1));
        api.telemetry.nodes.add(Samples.node("idle", Node.State.SERVING, 0, NOW));

        JsonNode answer = api.get("/v1/nodes/relay-1/usage").json();

        assertThat(answer.get("node").textValue()).isEqualTo("relay-1");
        assertThat(answer.get("points")).hasSize(2);
        assertThat(answer.at("/points/1/partial").booleanValue()).isTrue();
        assertThat(answer.at("/total/billableBytes").longValue()).isEqualTo(1_144);
        assertThat(answer.get("asOf").textValue()).isEqualTo(NOW.toString());
        assertThat(answer.get("complete").booleanValue()).isTrue();
        assertThat(api.get("/v1/nodes/relay-1/usage?step=5m&from=2026-11-22T10:10:00Z").json().get("points"))
                .hasSize(1);
        assertThat(api.get("/v1/nodes/idle/usage").json().at("/total/billableBytes").longValue()).isZero();
        assertThat(api.get("/v1/nodes/ghost/usage").status()).isEqualTo(404);
        assertThat(api.get("/v1/nodes/relay-1/usage?step=2m").status()).isEqualTo(400);
    }

    @Test
    void whatANodeRelayedIsNeverZeroWhereItIsNotKnown() {
        api.telemetry.nodes.add(Samples.node("relay-1", Node.State.SERVING, 0, NOW));
        api.telemetry.usage.away(true);

        assertThat(api.get("/v1/nodes/relay-1/usage").status()).isEqualTo(503);
        assertThat(api.get("/v1/nodes/ghost/usage").status()).isEqualTo(503);
    }

    @Test
    void findsUsersOfAnyName() {
        for (String user : List.of("a/b", "ü ñ", "x:y", "100%", "a+b", "a?b#c", "semi;colon")) {
            api.telemetry.usage.use("acme", user, NOW, usage(1, 0));
            String path = URLEncoder.encode(user, StandardCharsets.UTF_8).replace("+", "%20");

            JsonNode answer = api.get("/v1/tenants/acme/users/" + path + "/usage").json();

            assertThat(answer.path("user").textValue()).isEqualTo(user);
            assertThat(answer.at("/total/billableBytes").longValue()).as(user).isEqualTo(104);
        }
    }

    @Test
    void tellsAnUnknownTenantFromAnIdleOne() {
        assertThat(api.get("/v1/tenants/acme/users/nobody/usage").json().at("/total/billableBytes").longValue())
                .isZero();
        assertThat(api.get("/v1/tenants/ghost/users/nobody/usage").status()).isEqualTo(404);
        assertThat(api.get("/v1/tenants/ghost/usage").status()).isEqualTo(404);
        assertThat(api.get("/v1/tenants/ghost/users").status()).isEqualTo(404);
        assertThat(api.get("/v1/tenants/ghost/allocations").status()).isEqualTo(404);
        assertThat(api.get("/v1/tenants/ghost/connectivity").status()).isEqualTo(404);
    }

    @Test
    void showsUsageOfATenantThatOnlyARelaysConfigurationKnows() {
        api.telemetry.usage.use("local", "al", NOW, usage(1, 0));

        assertThat(api.get("/v1/tenants/local/usage").json().at("/total/billableBytes").longValue()).isEqualTo(104);
    }

    @Test
    void answersUnavailableWithRetryAfterAndNeverZero() {
        api.telemetry.stores.unavailable(Duration.ofSeconds(7));

        RunningApi.Answer answer = api.get("/v1/tenants/acme/usage");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("7");
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().get("detail").textValue()).isEqualTo("the store is restoring");
        assertThat(answer.json().has("total")).isFalse();
    }

    @Test
    void namesTheMissingPartitionsOfAPartialAnswer() {
        api.telemetry.stores.freshness(new Freshness(NOW.minusSeconds(9), 9_000, false, List.of(3, 5)));

        JsonNode answer = api.get("/v1/tenants/acme/usage").json();

        assertThat(answer.get("complete").booleanValue()).isFalse();
        assertThat(answer.get("missingPartitions").toString()).isEqualTo("[3,5]");
        assertThat(answer.get("lagMs").longValue()).isEqualTo(9_000);
    }

    @Test
    void anUnchangedAnswerIsNotSentAgain() {
        api.telemetry.usage.use("acme", "al", NOW, Samples.usage(3, 2));
        String path = "/v1/tenants/acme/users/al/usage?from=2026-11-22T10:00:00Z&to=2026-11-22T11:00:00Z";
        String tag = api.get(path).header("ETag");
        api.telemetry.stores.freshness(Freshness.complete(NOW.plusSeconds(5), 20));

        RunningApi.Answer same = api.get(path, "If-None-Match", "\"other\", " + tag);
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.raw().body()).isEmpty();
        assertThat(same.header("Turnpike-As-Of")).isEqualTo("2026-11-22T10:17:47Z");

        api.telemetry.stores.freshness(new Freshness(NOW, 20, true, List.of(), true));
        assertThat(api.get(path, "If-None-Match", tag).json().get("stale").booleanValue()).isTrue();
        api.telemetry.usage.use("acme", "al", NOW, Samples.usage(1, 1));
        assertThat(api.get(path, "If-None-Match", tag).status()).isEqualTo(200);
    }
}
