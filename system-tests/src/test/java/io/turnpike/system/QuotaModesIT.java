package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotaModesIT {
    private static final long MIB = 1024 * 1024;
    private static final String USER = "al";
    private static final int PAYLOAD = 1000;
    private static final int ECHOES_TO_WARN = 900;
    private static final int ECHOES_BEYOND = 400;
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    Path dataDir;

    @Test
    void softRefusesNewAllocationsOnBothRelaysAndShadowRefusesNothing() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            QuotaTenant soft = QuotaTenant.create(cluster, "soft");
            QuotaTenant shadow = QuotaTenant.create(cluster, "shadow");
            TurnpikeApi api = soft.api();
            api.putQuota(soft.id(), "SOFT", 2 * MIB);
            api.putQuota(shadow.id(), "SHADOW", 2 * MIB);
            try (MeasuredCall first = soft.call(1, USER); MeasuredCall second = soft.call(2, USER)) {
                useUp(soft, List.of(first, second));
                for (int relay = 1; relay <= cluster.relays(); relay++) {
                    int index = relay;
                    await("486 on relay " + relay).atMost(BOUND)
                            .until(() -> soft.refusal(index, USER) == Tenants.QUOTA_REACHED);
                }
                first.send(100, PAYLOAD);
                second.send(100, PAYLOAD);
                JsonNode status = soft.books().status();
                assertThat(status.get("overshootBoundBytes").isNull()).as("nothing bounds it").isTrue();
                assertThat(status.get("feedbackOvershootBytes").isIntegralNumber()).isTrue();

                api.putQuota(soft.id(), "SOFT", 20 * MIB);
                for (int relay = 1; relay <= cluster.relays(); relay++) {
                    int index = relay;
                    await("relay " + relay + " admits again").atMost(BOUND).until(() -> soft.refusal(index, USER) == 0);
                }
                assertThat(transitions(soft)).containsExactly("WARN", "EXHAUSTED", "OPEN");
            }
            try (MeasuredCall first = shadow.call(1, USER); MeasuredCall second = shadow.call(2, USER)) {
                useUp(shadow, List.of(first, second));
                assertThat(transitions(shadow)).containsExactly("WARN", "EXHAUSTED");
                shadow.call(1, USER).close();
                shadow.call(2, USER).close();
                first.send(100, PAYLOAD);
                second.send(100, PAYLOAD);
            }
        }
    }

    /** Every packet must come back, also those beyond the volume. */
    private static void useUp(QuotaTenant tenant, List<MeasuredCall> calls) {
        calls.get(0).send(ECHOES_TO_WARN, PAYLOAD);
        await(tenant.id() + " is warned of").atMost(BOUND).until(() -> tenant.books().state().equals("WARN"));
        calls.get(1).send(ECHOES_BEYOND, PAYLOAD);
        await(tenant.id() + " is used up").atMost(BOUND).until(() -> tenant.books().state().equals("EXHAUSTED"));
        long used = calls.stream().mapToLong(call -> call.usage().billableBytes()).sum();
        assertThat(used).isGreaterThan(2 * MIB);
        await("usage of " + tenant.id()).atMost(BOUND).until(() -> tenant.books().usedBytes() == used);
    }

    /** States that the history says the quota came to, oldest first. */
    private static List<String> transitions(QuotaTenant tenant) {
        List<String> states = new ArrayList<>();
        for (JsonNode event : tenant.api().get("v1/tenants/" + tenant.id() + "/quota/history?limit=100")
                .get("events")) {
            if (event.get("kind").textValue().equals("STATE_CHANGED")) {
                states.add(0, event.get("toState").textValue());
            }
        }
        return states;
    }
}
