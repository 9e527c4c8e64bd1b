package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.client.ClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserQuotaIT {
    private static final long MIB = 1024 * 1024;
    private static final String TENANT = "capped";
    private static final String SECRET = "quota-secret";
    private static final int PAYLOAD = 1000;
    private static final int CHANNEL_DATA_HEADER = 4;
    private static final int QUOTA_REACHED = 486;
    private static final Duration ECHO = Duration.ofMillis(300);
    private static final int SILENT_ATTEMPTS = 20;
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    Path dataDir;

    @Test
    void stopsAUserAtHisVolumeOverBothRelaysWhileAnotherGoesOnAndRevivesHim() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            Tenants.create(cluster, TENANT, SECRET);
            api.putUserQuota(TENANT, 100 * MIB, MIB);
            try (MeasuredCall first = admitted(cluster, 1, "ann");
                    MeasuredCall second = admitted(cluster, 2, "ann");
                    MeasuredCall other = admitted(cluster, 1, "bob")) {
                List<MeasuredCall> ann = List.of(first, second);
                sendUntilSilent(ann, other);
                assertThat(onTheWire(ann)).isLessThanOrEqualTo(MIB).isGreaterThan(MIB / 10 * 8);
                await("the user is exhausted").atMost(BOUND)
                        .until(() -> status(api, "ann").get("state").textValue().equals("EXHAUSTED"));
                assertThat(status(api, "bob").get("state").textValue()).isNotEqualTo("EXHAUSTED");
                assertThat(refusal(cluster, 2, "ann")).isEqualTo(QUOTA_REACHED);
                await("another user's echo").atMost(BOUND).until(() -> other.isEchoed(PAYLOAD, ECHO));

                api.putUserQuota(TENANT, 100 * MIB, 2 * MIB);
                for (MeasuredCall revived : ann) {
                    await("the same client relays again").atMost(BOUND).until(() -> revived.isEchoed(PAYLOAD, ECHO));
                }
                sendUntilSilent(ann, other);
                assertThat(onTheWire(ann)).isLessThanOrEqualTo(2 * MIB).isGreaterThan(MIB / 10 * 17);
                await("what the API counts").atMost(BOUND).untilAsserted(
                        () -> assertThat(status(api, "ann").get("usedBytes").longValue()).isEqualTo(onTheWire(ann)));
            }
        }
    }

    private static JsonNode status(TurnpikeApi api, String user) {
        return api.get("v1/tenants/" + TENANT + "/users/" + user + "/quota");
    }

    /** A grant that takes longer than an Allocate waits, on a slow machine, is a 486 that the client tries again. */
    private static MeasuredCall admitted(TurnpikeCluster cluster, int relay, String user) {
        return await("the call is admitted").atMost(BOUND).ignoreExceptionsMatching(
                refusal -> refusal instanceof CompletionException late && Tenants.errorCode(late) == QUOTA_REACHED)
                .until(() -> call(cluster, relay, user), Objects::nonNull);
    }

    private static MeasuredCall call(TurnpikeCluster cluster, int relay, String user) {
        return MeasuredCall.start(cluster, relay, ClientTransport.UDP, TENANT, user, SECRET);
    }

    /** The error of a new Allocate, 0 if it is answered with an allocation. */
    private static int refusal(TurnpikeCluster cluster, int relay, String user) {
        try (MeasuredCall call = call(cluster, relay, user)) {
            call.release();
            return 0;
        } catch (CompletionException e) {
            return Tenants.errorCode(e);
        }
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

    /** Billable bytes that a relay let through: what reached the peer, framed as it came, and what reached the client. */
    private static long onTheWire(List<MeasuredCall> calls) {
        return calls.stream().mapToLong(call -> call.peer().receivedPackets() * (PAYLOAD + CHANNEL_DATA_HEADER)
                + call.client().counters().relayToClient().wireBytes()).sum();
    }
}
