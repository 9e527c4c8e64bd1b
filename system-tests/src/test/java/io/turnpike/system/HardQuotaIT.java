package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HardQuotaIT {
    private static final long MIB = 1024 * 1024;
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
            QuotaTenant open = QuotaTenant.create(cluster, "open");
            QuotaTenant tenant = QuotaTenant.create(cluster, "capped");
            tenant.api().putHardQuota(tenant.id(), 5 * MIB);
            await("the quota is armed").atMost(BOUND).untilAsserted(
                    () -> assertThat(tenant.books().status().get("mode").textValue())
                            .isEqualTo("HARD"));
            try (MeasuredCall first = tenant.admitted(1, "al");
                    MeasuredCall second = tenant.admitted(2, "bea");
                    MeasuredCall other = open.admitted(1, "cy");
                    MeasuredCall another = open.admitted(2, "cy")) {
                List<MeasuredCall> capped = List.of(first, second);
                sendUntilSilent(capped, List.of(other, another));
                assertThat(onTheWire(capped)).isLessThanOrEqualTo(5 * MIB).isGreaterThan(4 * MIB);
                assertThatStatusIs(tenant, "EXHAUSTED");
                assertThatTheApiCounts(tenant, capped);
                assertThatNewAllocationsAreRefused(tenant);

                tenant.api().putHardQuota(tenant.id(), 10 * MIB);
                for (MeasuredCall revived : capped) {
                    await("the same client relays again").atMost(BOUND)
                            .until(() -> revived.isEchoed(PAYLOAD, ECHO));
                }
                sendUntilSilent(capped, List.of(other, another));
                assertThat(onTheWire(capped)).isLessThanOrEqualTo(10 * MIB).isGreaterThan(9 * MIB);
                assertThatTheApiCounts(tenant, capped);
            }
        }
    }

    @Test
    void holdsAtFullSpeedOverThreeRelaysAndWastesHardlyAnything() throws Exception {
        long volume = 64 * MIB;
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 3)) {
            QuotaTenant tenant = QuotaTenant.create(cluster, "capped");
            tenant.api().putHardQuota(tenant.id(), volume, 0);
            await("the quota is armed").atMost(BOUND).until(() -> !tenant.books().isArming());
            try (MeasuredCall first = tenant.admitted(1, "al");
                    MeasuredCall second = tenant.admitted(2, "bea");
                    MeasuredCall third = tenant.admitted(3, "cy")) {
                List<MeasuredCall> calls = List.of(first, second, third);
                floodUntilNothingMoves(calls, tenant);

                assertThat(onTheWire(calls)).isLessThanOrEqualTo(volume);
                assertThat(tenant.books().usedBytes()).isBetween(volume / 100 * 99, volume);
                assertThatTheApiCountsAtLeast(tenant, onTheWire(calls));
            }
        }
    }

    @Test
    void letsLiveCallsTrickleOnInsideTheVolumeWhileNewOnesAreRefused() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            QuotaTenant tenant = QuotaTenant.create(cluster, "capped");
            tenant.api().putHardQuota(tenant.id(), 2 * MIB, 20);
            try (MeasuredCall first = tenant.admitted(1, "al");
                    MeasuredCall second = tenant.admitted(2, "bea")) {
                List<MeasuredCall> capped = List.of(first, second);
                while (!tenant.books().state().equals("EXHAUSTED")) {
                    for (MeasuredCall call : capped) {
                        call.isEchoed(PAYLOAD, Duration.ofMillis(50));
                    }
                }
                for (int i = 0; i < 10; i++) {
                    for (MeasuredCall call : capped) {
                        await("a small packet trickles through").atMost(BOUND).until(() -> call.isEchoed(100, ECHO));
                    }
                }
                assertThatNewAllocationsAreRefused(tenant);
                assertThat(onTheWire(capped)).isLessThanOrEqualTo(2 * MIB);
                sendUntilSilent(capped, List.of());
                assertThat(tenant.books().usedBytes()).isLessThanOrEqualTo(2 * MIB).isGreaterThan(2 * MIB / 10 * 8);
            }
        }
    }

    private static void floodUntilNothingMoves(List<MeasuredCall> calls, QuotaTenant tenant) throws Exception {
        AtomicBoolean floods = new AtomicBoolean(true);
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<Future<?>> running = calls.stream().<Future<?>>map(call -> threads.submit(() -> {
                while (floods.get()) {
                    call.flood(BURST, PAYLOAD);
                }
            })).toList();
            await("the quota is exhausted").atMost(FLOOD_BOUND)
                    .until(() -> tenant.books().state().equals("EXHAUSTED"));
            long[] before = {-1};
            await("the relays stand still").pollInterval(SETTLE).atMost(FLOOD_BOUND).until(() -> {
                long last = before[0];
                before[0] = tenant.books().usedBytes() + onTheWire(calls);
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

    private static void assertThatTheApiCountsAtLeast(QuotaTenant tenant, long bytes) {
        await("usage of the capped tenant").atMost(BOUND).untilAsserted(() -> assertThat(
                tenant.books().billedBytes())
                .isGreaterThanOrEqualTo(bytes));
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

    private static void assertThatStatusIs(QuotaTenant tenant, String state) {
        await("quota state").atMost(BOUND).untilAsserted(
                () -> assertThat(tenant.books().state()).isEqualTo(state));
    }

    private static void assertThatTheApiCounts(QuotaTenant tenant, List<MeasuredCall> calls) {
        await("usage of the capped tenant").atMost(BOUND).untilAsserted(() -> assertThat(
                tenant.books().billedBytes())
                .isEqualTo(onTheWire(calls)));
    }

    private static void assertThatNewAllocationsAreRefused(QuotaTenant tenant) {
        for (int relay = 1; relay <= tenant.cluster().relays(); relay++) {
            assertThat(tenant.refusal(relay, "dan")).as("a new Allocate on relay %d", relay)
                    .isEqualTo(Tenants.QUOTA_REACHED);
        }
    }
}
