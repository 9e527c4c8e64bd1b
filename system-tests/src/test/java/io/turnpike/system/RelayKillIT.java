package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.client.ClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a relay leaves charged that dies without a word. */
class RelayKillIT {
    private static final long MIB = 1024 * 1024;
    private static final String TENANT = "killed";
    private static final String SECRET = "kill-secret";
    private static final int PAYLOAD = 1000;
    private static final Duration ECHO = Duration.ofMillis(150);
    private static final Duration BOUND = Duration.ofSeconds(90);

    @TempDir
    Path dataDir;

    @Test
    void aKilledRelayIsSettledByItsNextStartAtNoLessThanItSent() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(dataDir, 1)) {
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            Tenants.create(cluster, TENANT, SECRET);
            api.putHardQuota(TENANT, 256 * MIB, 0);
            cluster.stopRelay(1);
            long sent;
            try (RelayProcess relay = RelayProcess.start(cluster, 1);
                    MeasuredCall call = MeasuredCall.admitted(cluster, 1, ClientTransport.UDP, TENANT, "al", SECRET)) {
                await("it holds credit that it has not spent").atMost(BOUND).until(() -> {
                    call.isEchoed(PAYLOAD, ECHO);
                    JsonNode status = status(api, TENANT);
                    return status.get("grantedBytes").longValue() - status.get("usedBytes").longValue() > 0;
                });
                relay.kill();
                sent = call.billableBytes(PAYLOAD);
            }
            try (RelayProcess relay = RelayProcess.start(cluster, 1)) {
                await("the dead process is settled").atMost(BOUND).until(() -> settlements(api) > 0);
                JsonNode status = status(api, TENANT);
                assertThat(status.get("uncertainBytes").longValue()).isZero();
                assertThat(status.get("grantedBytes").longValue()).isGreaterThanOrEqualTo(sent);
                assertThat(status.get("usedBytes").longValue()).isLessThanOrEqualTo(sent);
                relay.kill();
            }
        }
    }

    private static long settlements(TurnpikeApi api) {
        return StreamSupport.stream(api.get("v1/tenants/killed/quota/history").get("events").spliterator(), false)
                .filter(event -> event.get("kind").textValue().equals("ACCOUNT_SETTLED")).count();
    }

    private static JsonNode status(TurnpikeApi api, String tenant) {
        return api.get("v1/tenants/" + tenant + "/quota/status");
    }
}
