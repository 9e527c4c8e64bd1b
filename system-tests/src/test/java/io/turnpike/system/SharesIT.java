package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rates and concurrent allocations over a cluster: real relays, a real broker, the leased shares between them. */
class SharesIT {
    private static final long CAP_BITS = 10_000_000;
    private static final int PAYLOAD = 1_000;
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final Duration PACE = Duration.ofMillis(20);
    private static final Duration SAMPLE_EVERY = Duration.ofMillis(250);
    private static final long WINDOW_NANOS = Duration.ofSeconds(5).toNanos();
    /** Until one window was used well; whether all were within the cap is asked of each. */
    private static final int MOST_SAMPLES = 400;
    private static final int FEWEST_SAMPLES = 100;
    private static final List<String> BOTH_WAYS = List.of("rx", "tx");

    @TempDir
    Path dataDir;

    /** What all relays have relayed, read between two times. */
    private record Sample(long fromNanos, long toNanos, double bytes) {
        /** Most that the time between two samples can have been. */
        long outerNanos(Sample later) {
            return later.toNanos - fromNanos;
        }

        long innerNanos(Sample later) {
            return later.fromNanos - toNanos;
        }
    }

    @Test
    void threeRelaysWithUnevenDemandShareARateAndUseIt() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 3)) {
            QuotaTenant tenant = QuotaTenant.create(cluster, "capped");
            tenant.api().putQuota(tenant.id(), "{\"mode\":\"HARD\",\"rateBitsPerSecond\":" + CAP_BITS + "}");
            ScheduledExecutorService pacer = Executors.newScheduledThreadPool(3);
            try (MeasuredCall heavy = tenant.admitted(1, "al");
                    MeasuredCall middle = tenant.admitted(2, "bea");
                    MeasuredCall light = tenant.admitted(3, "cy")) {
                send(pacer, heavy, 10_000_000);
                send(pacer, middle, 5_000_000);
                send(pacer, light, 500_000);
                List<Sample> samples = new ArrayList<>();
                await("enough is seen").forever().pollDelay(Duration.ZERO).pollInterval(SAMPLE_EVERY).until(() -> {
                    samples.add(sample(cluster));
                    return samples.size() >= MOST_SAMPLES
                            || samples.size() >= FEWEST_SAMPLES && bestUse(samples) >= 0.9;
                });
                assertThat(worstExcess(samples)).as("bytes over any 5 s, of those that the cap allows")
                        .isLessThanOrEqualTo(1.05);
                assertThat(bestUse(samples)).as("share of the cap that is used").isGreaterThanOrEqualTo(0.9);
                System.out.printf("SHARES worst window %.3f of the cap, best use %.3f, samples %d%n",
                        worstExcess(samples), bestUse(samples), samples.size());
                JsonNode shares = tenant.books().status().get("shares");
                assertThat(shares.get("rateBitsPerSecond").longValue()).isEqualTo(CAP_BITS);
                assertThat(shares.get("nodes")).hasSize(3);
                long sum = 0;
                for (JsonNode node : shares.get("nodes")) {
                    sum += node.get("heldRateBitsPerSecond").longValue();
                }
                assertThat(sum).isLessThanOrEqualTo(CAP_BITS);
                for (int relay = 1; relay <= 2; relay++) {
                    assertThat(dropped(cluster, relay, "rate_limited")).as("relay " + relay).isPositive();
                    assertThat(dropped(cluster, relay, "quota_exhausted")).as("relay " + relay).isZero();
                }
                // What a rate has dropped is billed to nobody.
                long billed = tenant.books().billedBytes();
                assertThat(billed).isPositive().isLessThanOrEqualTo((long) sample(cluster).bytes());
            } finally {
                pacer.shutdown();
                assertThat(pacer.awaitTermination(BOUND.toSeconds(), TimeUnit.SECONDS)).as("senders end").isTrue();
            }
        }
    }

    /** An echo takes of the rate on both ways, as data between two allocations of the tenant does. */
    @Test
    void nearHalfOfTheRateComesBackOfWhatIsSentFarAboveIt() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 1)) {
            QuotaTenant tenant = QuotaTenant.create(cluster, "capped");
            tenant.api().putQuota(tenant.id(), "{\"mode\":\"HARD\",\"rateBitsPerSecond\":" + CAP_BITS / 5 + "}");
            ScheduledExecutorService pacer = Executors.newScheduledThreadPool(1);
            try (MeasuredCall call = tenant.admitted(1, "al")) {
                send(pacer, call, 2 * CAP_BITS);
                List<Sample> both = new ArrayList<>();
                List<Sample> back = new ArrayList<>();
                await("enough is seen").forever().pollDelay(Duration.ZERO).pollInterval(SAMPLE_EVERY).until(() -> {
                    both.add(sample(cluster));
                    back.add(sample(cluster, List.of("tx")));
                    return back.size() >= MOST_SAMPLES
                            || back.size() >= FEWEST_SAMPLES && 5 * bestUse(back) >= 0.45;
                });
                System.out.printf("ECHOES worst window %.3f of the rate, best that came back %.3f, samples %d%n",
                        5 * worstExcess(both), 5 * bestUse(back), back.size());
                assertThat(5 * worstExcess(both)).as("bytes over any 5 s").isLessThanOrEqualTo(1.05);
                assertThat(5 * bestUse(back)).as("share of the rate that comes back").isGreaterThanOrEqualTo(0.4);
            } finally {
                pacer.shutdown();
                assertThat(pacer.awaitTermination(BOUND.toSeconds(), TimeUnit.SECONDS)).as("senders end").isTrue();
            }
        }
    }

    @Test
    void allocationsAreCountedOverTwoRelays() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            QuotaTenant tenant = QuotaTenant.create(cluster, "capped");
            tenant.api().putQuota(tenant.id(), "{\"mode\":\"HARD\",\"maxAllocations\":2}");
            try (MeasuredCall first = tenant.admitted(1, "al"); MeasuredCall second = tenant.admitted(2, "bea")) {
                assertThat(tenant.refusal(1, "cy")).isEqualTo(Tenants.QUOTA_REACHED);
                assertThat(tenant.refusal(2, "cy")).isEqualTo(Tenants.QUOTA_REACHED);
                await("both are seen").atMost(BOUND)
                        .until(() -> tenant.books().status().get("shares").get("allocations").intValue() == 2);
                first.send(10, PAYLOAD);
                first.release();
                try (MeasuredCall third = tenant.admitted(2, "cy")) {
                    third.send(10, PAYLOAD);
                    assertThat(tenant.refusal(1, "al")).isEqualTo(Tenants.QUOTA_REACHED);
                }
                second.send(10, PAYLOAD);
            }
        }
    }

    @Test
    void aUsersAllocationsAreCountedOverTwoRelays() throws Exception {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            QuotaTenant tenant = QuotaTenant.create(cluster, "capped");
            tenant.api().putQuota(tenant.id(), "{\"mode\":\"HARD\",\"maxAllocationsPerUser\":1}");
            try (MeasuredCall first = tenant.admitted(1, "al"); MeasuredCall other = tenant.admitted(2, "bea")) {
                assertThat(tenant.refusal(1, "al")).isEqualTo(Tenants.QUOTA_REACHED);
                assertThat(tenant.refusal(2, "al")).isEqualTo(Tenants.QUOTA_REACHED);
                first.release();
                tenant.admitted(2, "al").close();
                other.send(10, PAYLOAD);
            }
        }
    }

    /** Sends so many bits each second, whatever comes of them, until the pacer is shut down. */
    private static void send(ScheduledExecutorService pacer, MeasuredCall call, long bitsPerSecond) {
        long begun = System.nanoTime();
        AtomicLong sent = new AtomicLong();
        pacer.scheduleAtFixedRate(() -> {
            double due = (System.nanoTime() - begun) / 8e9 * bitsPerSecond / PAYLOAD;
            // Who was held up for long makes up for little of it: no more than a socket holds.
            for (sent.accumulateAndGet((long) due - 100, Math::max); sent.get() < due; sent.incrementAndGet()) {
                call.flood(1, PAYLOAD);
            }
        }, 0, PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Sample sample(TurnpikeCluster cluster) {
        return sample(cluster, BOTH_WAYS);
    }

    private static Sample sample(TurnpikeCluster cluster, List<String> directions) {
        long from = System.nanoTime();
        double bytes = 0;
        for (int relay = 1; relay <= cluster.relays(); relay++) {
            Metrics metrics = Metrics.of(cluster.relayAdmin(relay));
            for (String direction : directions) {
                bytes += metrics.value("turn_relay_bytes_total{direction=\"" + direction + "\",leg=\"client\"}");
            }
        }
        return new Sample(from, System.nanoTime(), bytes);
    }

    /** The fullest window of at least 5 s, in parts of what the cap allows. */
    private static double worstExcess(List<Sample> samples) {
        double worst = 0;
        for (int i = 0; i < samples.size(); i++) {
            for (int j = i + 1; j < samples.size(); j++) {
                long nanos = samples.get(i).outerNanos(samples.get(j));
                if (nanos >= WINDOW_NANOS) {
                    worst = Math.max(worst, use(samples.get(i), samples.get(j), nanos));
                }
            }
        }
        return worst;
    }

    /** The best window of at least 5 s. */
    private static double bestUse(List<Sample> samples) {
        double best = 0;
        for (int i = 0; i < samples.size(); i++) {
            for (int j = i + 1; j < samples.size(); j++) {
                long nanos = samples.get(i).outerNanos(samples.get(j));
                if (samples.get(i).innerNanos(samples.get(j)) >= WINDOW_NANOS) {
                    best = Math.max(best, use(samples.get(i), samples.get(j), nanos));
                }
            }
        }
        return best;
    }

    private static double use(Sample from, Sample to, long nanos) {
        return (to.bytes() - from.bytes()) * 8e9 / nanos / CAP_BITS;
    }

    private static double dropped(TurnpikeCluster cluster, int relay, String reason) {
        return Metrics.of(cluster.relayAdmin(relay))
                .value("turn_relay_dropped_packets_total{reason=\"" + reason + "\"}");
    }
}
