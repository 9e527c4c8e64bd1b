package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a relay leaves charged that dies without a word. */
class RelayKillIT {
    private static final long MIB = 1024 * 1024;
    private static final int PAYLOAD = 1000;
    private static final Duration ECHO = Duration.ofMillis(150);
    private static final Duration BOUND = Duration.ofSeconds(90);

    @TempDir
    Path dataDir;

    @Test
    void aKilledRelayIsSettledByItsNextStartAtNoLessThanItSent() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(dataDir, 1)) {
            QuotaTenant tenant = QuotaTenant.create(cluster, "killed");
            QuotaBooks books = tenant.books();
            tenant.api().putHardQuota(tenant.id(), 256 * MIB, 0);
            cluster.stopRelay(1);
            long sent;
            try (RelayProcess relay = RelayProcess.start(cluster, 1);
                    MeasuredCall call = tenant.admitted(1, "al")) {
                await("it holds credit that it has not spent").atMost(BOUND).until(() -> {
                    call.isEchoed(PAYLOAD, ECHO);
                    JsonNode status = books.status();
                    return status.get("grantedBytes").longValue() - status.get("usedBytes").longValue() > 0;
                });
                relay.kill();
                sent = call.billableBytes(PAYLOAD);
            }
            try (RelayProcess relay = RelayProcess.start(cluster, 1)) {
                await("the dead process is settled").atMost(BOUND).until(books::hasSettledAProcess);
                JsonNode status = books.status();
                assertThat(status.get("uncertainBytes").longValue()).isZero();
                assertThat(status.get("grantedBytes").longValue()).isGreaterThanOrEqualTo(sent);
                assertThat(status.get("usedBytes").longValue()).isLessThanOrEqualTo(sent);
                relay.kill();
            }
        }
    }
}
