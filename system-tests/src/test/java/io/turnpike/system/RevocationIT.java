package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.client.ClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator takes back is gone on every relay, and nobody else notices. */
class RevocationIT {
    private static final String RED = "red";
    private static final String BLUE = "blue";
    private static final String SECRET = "shared-secret";
    private static final int PAYLOAD = 200;
    private static final int UNAUTHENTICATED = 401;
    private static final List<ClientTransport> TRANSPORTS = List.of(ClientTransport.UDP, ClientTransport.TCP);
    private static final Duration ECHO = Duration.ofMillis(300);
    /** Ten times what is promised. */
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    Path dataDir;

    private final List<MeasuredCall> open = new ArrayList<>();
    private EmbeddedCluster cluster;
    private TurnpikeApi api;

    @Test
    void endsTheCallsOfARevokedUserAndOfASuspendedTenantOnBothRelaysAndNoOther() {
        try (EmbeddedCluster started = EmbeddedCluster.start(dataDir, 2)) {
            cluster = started;
            api = new TurnpikeApi(cluster.api());
            Tenants.create(cluster, RED, SECRET);
            Tenants.create(cluster, BLUE, SECRET);
            List<MeasuredCall> revoked = callsOverAll(RED, "al");
            List<MeasuredCall> neighbours = callsOverAll(RED, "bo");
            List<MeasuredCall> strangers = callsOverAll(BLUE, "al");

            api.revoke(RED, "al");
            List<MeasuredCall> others = both(neighbours, strangers);
            awaitSilence(revoked, others);
            assertThat(endedByTheControlPlane()).containsExactly(2, 2);
            assertThatTheApiSaysWhy(RED, "al", revoked.size());
            assertThatOldCredentialsAreRefused();

            List<MeasuredCall> renewed = callsUnderNewCredentials();
            others = both(neighbours, strangers);
            keepTalking(both(renewed, others));

            cluster.stopRelay(2);
            cluster.startRelay(2);
            cluster.awaitReady();
            assertThatOldCredentialsAreRefused();

            api.setStatus(RED, "SUSPENDED");
            List<MeasuredCall> red = List.of(renewed.get(0), renewed.get(1), neighbours.get(0), neighbours.get(1));
            List<MeasuredCall> blue = strangers.subList(0, 2);
            awaitSilence(red, blue);
            assertThat(endedByTheControlPlane().get(0)).isEqualTo(2 + 4);
            awaitAnswer(UNAUTHENTICATED, RED, "bo");

            api.setStatus(RED, "ACTIVE");
            awaitAnswer(0, RED, "bo");
            keepTalking(blue);
        } finally {
            open.forEach(MeasuredCall::close);
        }
    }

    /** One call over each transport of each relay, the first relay's before the second's. */
    private List<MeasuredCall> callsOverAll(String tenant, String user) {
        List<MeasuredCall> calls = new ArrayList<>();
        for (int relay = 1; relay <= cluster.relays(); relay++) {
            for (ClientTransport transport : TRANSPORTS) {
                calls.add(MeasuredCall.start(cluster, relay, transport, tenant, user, SECRET));
            }
        }
        open.addAll(calls);
        keepTalking(calls);
        return calls;
    }

    /** The API mints at once what every relay takes. */
    private List<MeasuredCall> callsUnderNewCredentials() {
        JsonNode credential = api.credential(RED, "al");
        List<MeasuredCall> calls = new ArrayList<>();
        for (int relay = 1; relay <= cluster.relays(); relay++) {
            for (ClientTransport transport : TRANSPORTS) {
                MeasuredCall call = MeasuredCall.connect(cluster, relay, transport,
                        credential.get("username").textValue(), credential.get("credential").textValue());
                open.add(call);
                call.allocate();
                calls.add(call);
            }
        }
        return calls;
    }

    /** Until the calls are silent each packet of the others comes back. */
    private static void awaitSilence(List<MeasuredCall> ended, List<MeasuredCall> others) {
        await("the calls end").atMost(BOUND).until(() -> {
            keepTalking(others);
            for (MeasuredCall call : ended) {
                if (isEchoed(call)) {
                    return false;
                }
            }
            return true;
        });
        keepTalking(others);
    }

    private static boolean isEchoed(MeasuredCall call) throws InterruptedException {
        try {
            return call.isEchoed(PAYLOAD, ECHO);
        } catch (CompletionException e) {
            return false; // its connection is closed
        }
    }

    private static void keepTalking(List<MeasuredCall> calls) {
        calls.forEach(call -> call.send(3, PAYLOAD));
    }

    /** Allocations that each relay ended for the control plane. */
    private List<Integer> endedByTheControlPlane() {
        return IntStream.rangeClosed(1, cluster.relays()).mapToObj(relay -> Metrics.of(cluster.relayAdmin(relay)))
                .map(metrics -> (int) metrics.value("turn_relay_ended_allocations_total{reason=\"admin\"}")).toList();
    }

    private void assertThatTheApiSaysWhy(String tenant, String user, int count) {
        await("the ends are told").atMost(BOUND).untilAsserted(() -> {
            JsonNode ended = api.get("v1/tenants/" + tenant + "/allocations?state=ended&user=" + user)
                    .get("allocations");
            assertThat(ended).hasSize(count)
                    .allSatisfy(each -> assertThat(each.get("endReason").textValue()).isEqualTo("ADMIN"));
        });
    }

    private void assertThatOldCredentialsAreRefused() {
        for (int relay = 1; relay <= cluster.relays(); relay++) {
            assertThat(refusal(relay, RED, "al")).as("relay %d", relay).isEqualTo(UNAUTHENTICATED);
            assertThat(refusal(relay, BLUE, "al")).as("relay %d", relay).isZero();
        }
    }

    private void awaitAnswer(int error, String tenant, String user) {
        for (int relay = 1; relay <= cluster.relays(); relay++) {
            int index = relay;
            await("relay " + relay + " answers " + error).atMost(BOUND)
                    .until(() -> refusal(index, tenant, user) == error);
        }
    }

    /** The error that a new Allocate gets; 0 if none. */
    private int refusal(int relay, String tenant, String user) {
        CompletionException refused = catchThrowableOfType(CompletionException.class,
                () -> MeasuredCall.start(cluster, relay, ClientTransport.UDP, tenant, user, SECRET).close());
        return refused == null ? 0 : Tenants.errorCode(refused);
    }

    private static List<MeasuredCall> both(List<MeasuredCall> some, List<MeasuredCall> more) {
        List<MeasuredCall> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }
}
