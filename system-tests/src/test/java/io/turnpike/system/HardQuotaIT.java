package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.client.ClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HardQuotaIT {
    private static final long MIB = 1024 * 1024;
    private static final String CAPPED = "capped";
    private static final String OPEN = "open";
    private static final String SECRET = "quota-secret";
    private static final int PAYLOAD = 1000;
    /** Longer than a refill takes, and silence over this many attempts is the end of the quota. */
    private static final Duration ECHO = Duration.ofMillis(300);
    private static final int SILENT_ATTEMPTS = 20;
    private static final Duration BOUND = Duration.ofSeconds(50);
    private static final Duration FLOOD_BOUND = Duration.ofMinutes(3);
    /** Longer than a report, a decision and a grant take together. */
    private static final Duration SETTLE = Duration.ofSeconds(3);
    private static final int BURST = 32;

    @TempDir
    Path dataDir;

    @Test
    void stopsATenantAtItsVolumeOverBothRelaysAndRevivesItWhenTheVolumeIsRaised() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            Tenants.create(cluster, OPEN, SECRET);
            Tenants.create(cluster, CAPPED, SECRET);
            api.putHardQuota(CAPPED, 5 * MIB);
            await("the quota is armed").atMost(BOUND).untilAsserted(
                    () -> assertThat(api.get("v1/tenants/capped/quota/status").get("mode").textValue())
                            .isEqualTo("HARD"));
            try (MeasuredCall first = admitted(cluster, 1, CAPPED, "al");
                    MeasuredCall second = admitted(cluster, 2, CAPPED, "bea");
                    MeasuredCall other = admitted(cluster, 1, OPEN, "cy");
                    MeasuredCall another = admitted(cluster, 2, OPEN, "cy")) {
                List<MeasuredCall> capped = List.of(first, second);
                sendUntilSilent(capped, List.of(other, another));
                assertThat(onTheWire(capped)).isLessThanOrEqualTo(5 * MIB).isGreaterThan(4 * MIB);
                assertThatStatusIs(api, "EXHAUSTED");
                assertThatTheApiCounts(api, capped);
                assertThatNewAllocationsAreRefused(cluster);

                api.putHardQuota(CAPPED, 10 * MIB);
                for (MeasuredCall revived : capped) {
                    await("the same client relays again").atMost(BOUND)
                            .until(() -> revived.isEchoed(PAYLOAD, ECHO));
                }
                sendUntilSilent(capped, List.of(other, another));
                assertThat(onTheWire(capped)).isLessThanOrEqualTo(10 * MIB).isGreaterThan(9 * MIB);
                assertThatTheApiCounts(api, capped);
            }
        }
    }

    @Test
    void holdsAtFullSpeedOverThreeRelaysAndWastesHardlyAnything() throws Exception {
        long volume = 64 * MIB;
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 3)) {
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            Tenants.create(cluster, CAPPED, SECRET);
            api.putHardQuota(CAPPED, volume, 0);
            await("the quota is armed").atMost(BOUND).until(() -> !status(api).get("arming").booleanValue());
            try (MeasuredCall first = admitted(cluster, 1, CAPPED, "al");
                    MeasuredCall second = admitted(cluster, 2, CAPPED, "bea");
                    MeasuredCall third = admitted(cluster, 3, CAPPED, "cy")) {
                List<MeasuredCall> calls = List.of(first, second, third);
                floodUntilNothingMoves(calls, api);

                assertThat(onTheWire(calls)).isLessThanOrEqualTo(volume);
                assertThat(used(api)).isBetween(volume / 100 * 99, volume);
                assertThatTheApiCountsAtLeast(api, onTheWire(calls));
            }
        }
    }

    @Test
    void letsLiveCallsTrickleOnInsideTheVolumeWhileNewOnesAreRefused() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            Tenants.create(cluster, CAPPED, SECRET);
            api.putHardQuota(CAPPED, 2 * MIB, 20);
            try (MeasuredCall first = admitted(cluster, 1, CAPPED, "al");
                    MeasuredCall second = admitted(cluster, 2, CAPPED, "bea")) {
                List<MeasuredCall> capped = List.of(first, second);
                while (!api.get("v1/tenants/capped/quota/status").get("state").textValue().equals("EXHAUSTED")) {
                    for (MeasuredCall call : capped) {
                        call.isEchoed(PAYLOAD, Duration.ofMillis(50));
                    }
                }
                for (int i = 0; i < 10; i++) {
                    for (MeasuredCall call : capped) {
                        await("a small packet trickles through").atMost(BOUND).until(() -> call.isEchoed(100, ECHO));
                    }
                }
                assertThatNewAllocationsAreRefused(cluster);
                assertThat(onTheWire(capped)).isLessThanOrEqualTo(2 * MIB);
                sendUntilSilent(capped, List.of());
                assertThat(used(api)).isLessThanOrEqualTo(2 * MIB).isGreaterThan(2 * MIB / 10 * 8);
            }
        }
    }

    private static void floodUntilNothingMoves(List<MeasuredCall> calls, TurnpikeApi api) throws Exception {
        AtomicBoolean floods = new AtomicBoolean(true);
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<Future<?>> running = calls.stream().<Future<?>>map(call -> threads.submit(() -> {
                while (floods.get()) {
                    call.flood(BURST, PAYLOAD);
                }
            })).toList();
            await("the quota is exhausted").atMost(FLOOD_BOUND)
                    .until(() -> status(api).get("state").textValue().equals("EXHAUSTED"));
            long[] before = {-1};
            await("the relays stand still").pollInterval(SETTLE).atMost(FLOOD_BOUND).until(() -> {
                long last = before[0];
                before[0] = used(api) + onTheWire(calls);
                return before[0] == last;
            });
            floods.set(false);
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            floods.set(false);
            threads.shutdown();
        }
    }

    private static void assertThatTheApiCountsAtLeast(TurnpikeApi api, long bytes) {
        await("usage of the capped tenant").atMost(BOUND).untilAsserted(() -> assertThat(
                api.get("v1/tenants/capped/usage").get("total").get("billableBytes").longValue())
                .isGreaterThanOrEqualTo(bytes));
    }

    private static JsonNode status(TurnpikeApi api) {
        return api.get("v1/tenants/capped/quota/status");
    }

    private static long used(TurnpikeApi api) {
        return status(api).get("usedBytes").longValue();
    }

    private static MeasuredCall admitted(TurnpikeCluster cluster, int relay, String tenant, String user) {
        return MeasuredCall.admitted(cluster, relay, ClientTransport.UDP, tenant, user, SECRET);
    }

    private static MeasuredCall call(TurnpikeCluster cluster, int relay, String tenant, String user) {
        return MeasuredCall.start(cluster, relay, ClientTransport.UDP, tenant, user, SECRET);
    }

    /** Every round the other tenant's packets must come back, while the capped one's run dry. */
    private static void sendUntilSilent(List<MeasuredCall> capped, List<MeasuredCall> open)
            throws InterruptedException {
        int silent = 0;
        while (silent < SILENT_ATTEMPTS) {
            boolean echoed = false;
            for (MeasuredCall call : capped) {
                echoed |= call.isEchoed(PAYLOAD, silent == 0 ? ECHO : Duration.ofMillis(100));
            }
            silent = echoed ? 0 : silent + 1;
            for (MeasuredCall call : open) {
                call.send(1, PAYLOAD);
            }
        }
    }

    private static long onTheWire(List<MeasuredCall> calls) {
        return calls.stream().mapToLong(call -> call.billableBytes(PAYLOAD)).sum();
    }

    private static void assertThatStatusIs(TurnpikeApi api, String state) {
        await("quota state").atMost(BOUND).untilAsserted(
                () -> assertThat(api.get("v1/tenants/capped/quota/status").get("state").textValue()).isEqualTo(state));
    }

    private static void assertThatTheApiCounts(TurnpikeApi api, List<MeasuredCall> calls) {
        await("usage of the capped tenant").atMost(BOUND).untilAsserted(() -> assertThat(
                api.get("v1/tenants/capped/usage").get("total").get("billableBytes").longValue())
                .isEqualTo(onTheWire(calls)));
    }

    private static void assertThatNewAllocationsAreRefused(TurnpikeCluster cluster) {
        for (int relay = 1; relay <= cluster.relays(); relay++) {
            int index = relay;
            CompletionException refusal = catchThrowableOfType(CompletionException.class,
                    () -> call(cluster, index, CAPPED, "dan"));
            assertThat(refusal).as("a new Allocate on relay %d", relay).isNotNull();
            assertThat(Tenants.errorCode(refusal)).isEqualTo(Tenants.QUOTA_REACHED);
        }
    }
}
