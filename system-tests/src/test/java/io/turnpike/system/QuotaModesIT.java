package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.client.ClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotaModesIT {
    private static final long MIB = 1024 * 1024;
    private static final String SOFT = "soft";
    private static final String SHADOW = "shadow";
    private static final String SECRET = "quota-secret";
    private static final int PAYLOAD = 1000;
    private static final int ECHOES_TO_WARN = 900;
    private static final int ECHOES_BEYOND = 400;
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    Path dataDir;

    @Test
    void softRefusesNewAllocationsOnBothRelaysAndShadowRefusesNothing() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            Tenants.create(cluster, SOFT, SECRET);
            Tenants.create(cluster, SHADOW, SECRET);
            api.putQuota(SOFT, "SOFT", 2 * MIB);
            api.putQuota(SHADOW, "SHADOW", 2 * MIB);
            try (MeasuredCall first = call(cluster, 1, SOFT); MeasuredCall second = call(cluster, 2, SOFT)) {
                useUp(api, SOFT, List.of(first, second));
                for (int relay = 1; relay <= cluster.relays(); relay++) {
                    int index = relay;
                    await("486 on relay " + relay).atMost(BOUND)
                            .until(() -> refusal(cluster, index) == Tenants.QUOTA_REACHED);
                }
                first.send(100, PAYLOAD);
                second.send(100, PAYLOAD);
                JsonNode status = api.get("v1/tenants/soft/quota/status");
                assertThat(status.get("overshootBoundBytes").isNull()).as("nothing bounds it").isTrue();
                assertThat(status.get("feedbackOvershootBytes").isIntegralNumber()).isTrue();

                api.putQuota(SOFT, "SOFT", 20 * MIB);
                for (int relay = 1; relay <= cluster.relays(); relay++) {
                    int index = relay;
                    await("relay " + relay + " admits again").atMost(BOUND).until(() -> refusal(cluster, index) == 0);
                }
                assertThat(transitions(api, SOFT)).containsExactly("WARN", "EXHAUSTED", "OPEN");
            }
            try (MeasuredCall first = call(cluster, 1, SHADOW); MeasuredCall second = call(cluster, 2, SHADOW)) {
                useUp(api, SHADOW, List.of(first, second));
                assertThat(transitions(api, SHADOW)).containsExactly("WARN", "EXHAUSTED");
                call(cluster, 1, SHADOW).close();
                call(cluster, 2, SHADOW).close();
                first.send(100, PAYLOAD);
                second.send(100, PAYLOAD);
            }
        }
    }

    /** Every packet must come back, also those beyond the volume. */
    private static void useUp(TurnpikeApi api, String tenant, List<MeasuredCall> calls) {
        calls.get(0).send(ECHOES_TO_WARN, PAYLOAD);
        await(tenant + " is warned of").atMost(BOUND).until(() -> state(api, tenant).equals("WARN"));
        calls.get(1).send(ECHOES_BEYOND, PAYLOAD);
        await(tenant + " is used up").atMost(BOUND).until(() -> state(api, tenant).equals("EXHAUSTED"));
        long used = calls.stream().mapToLong(call -> call.usage().billableBytes()).sum();
        assertThat(used).isGreaterThan(2 * MIB);
        await("usage of " + tenant).atMost(BOUND).until(() -> api.get("v1/tenants/" + tenant + "/quota/status")
                .get("usedBytes").longValue() == used);
    }

    private static MeasuredCall call(TurnpikeCluster cluster, int relay, String tenant) {
        return MeasuredCall.start(cluster, relay, ClientTransport.UDP, tenant, "al", SECRET);
    }

    /** The error of a new Allocate, 0 if it is answered with an allocation. */
    private static int refusal(TurnpikeCluster cluster, int relay) {
        try (MeasuredCall call = call(cluster, relay, SOFT)) {
            call.release();
            return 0;
        } catch (CompletionException e) {
            return Tenants.errorCode(e);
        }
    }

    private static String state(TurnpikeApi api, String tenant) {
        return api.get("v1/tenants/" + tenant + "/quota/status").get("state").textValue();
    }

    /** States that the history says the quota came to, oldest first. */
    private static List<String> transitions(TurnpikeApi api, String tenant) {
        List<String> states = new ArrayList<>();
        for (JsonNode event : api.get("v1/tenants/" + tenant + "/quota/history?limit=100").get("events")) {
            if (event.get("kind").textValue().equals("STATE_CHANGED")) {
                states.add(0, event.get("toState").textValue());
            }
        }
        return states;
    }
}
