package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserQuotaIT {
    private static final long MIB = 1024 * 1024;
    private static final int PAYLOAD = 1000;
    private static final Duration ECHO = Duration.ofMillis(300);
    private static final int SILENT_ATTEMPTS = 20;
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    Path dataDir;

    @Test
    void stopsAUserAtHisVolumeOverBothRelaysWhileAnotherGoesOnAndRevivesHim() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            QuotaTenant tenant = QuotaTenant.create(cluster, "capped");
            TurnpikeApi api = tenant.api();
            api.putUserQuota(tenant.id(), 100 * MIB, MIB);
            try (MeasuredCall first = tenant.admitted(1, "ann");
                    MeasuredCall second = tenant.admitted(2, "ann");
                    MeasuredCall other = tenant.admitted(1, "bob")) {
                List<MeasuredCall> ann = List.of(first, second);
                sendUntilSilent(ann, other);
                assertThat(onTheWire(ann)).isLessThanOrEqualTo(MIB).isGreaterThan(MIB / 10 * 8);
                await("the user is exhausted").atMost(BOUND)
                        .until(() -> status(tenant, "ann").get("state").textValue().equals("EXHAUSTED"));
                assertThat(status(tenant, "bob").get("state").textValue()).isNotEqualTo("EXHAUSTED");
                assertThat(newestDecision(tenant, "ann").get("toState").textValue()).isEqualTo("EXHAUSTED");
                assertThat(tenant.refusal(2, "ann")).isEqualTo(Tenants.QUOTA_REACHED);
                await("another user's echo").atMost(BOUND).until(() -> other.isEchoed(PAYLOAD, ECHO));

                api.putUserQuota(tenant.id(), 100 * MIB, 2 * MIB);
                for (MeasuredCall revived : ann) {
                    await("the same client relays again").atMost(BOUND).until(() -> revived.isEchoed(PAYLOAD, ECHO));
                }
                sendUntilSilent(ann, other);
                assertThat(onTheWire(ann)).isLessThanOrEqualTo(2 * MIB).isGreaterThan(MIB / 10 * 17);
                await("what the API counts").atMost(BOUND).untilAsserted(
                        () -> assertThat(status(tenant, "ann").get("usedBytes").longValue()).isEqualTo(onTheWire(ann)));
            }
        }
    }

    private static JsonNode status(QuotaTenant tenant, String user) {
        return tenant.api().get("v1/tenants/" + tenant.id() + "/users/" + user + "/quota");
    }

    private static JsonNode newestDecision(QuotaTenant tenant, String user) {
        return tenant.api().get("v1/tenants/" + tenant.id() + "/quota/history/users?user=" + user).at("/events/0");
    }

    /** The other user's packets go on, while the capped one's run dry. */
    private static void sendUntilSilent(List<MeasuredCall> capped, MeasuredCall other) throws InterruptedException {
        int silent = 0;
        while (silent < SILENT_ATTEMPTS) {
            boolean echoed = false;
            for (MeasuredCall call : capped) {
                echoed |= call.isEchoed(PAYLOAD, silent == 0 ? ECHO : Duration.ofMillis(100));
            }
            silent = echoed ? 0 : silent + 1;
            other.isEchoed(PAYLOAD, Duration.ofMillis(20));
        }
    }

    private static long onTheWire(List<MeasuredCall> calls) {
        return calls.stream().mapToLong(call -> call.billableBytes(PAYLOAD)).sum();
    }
}
