package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.event.TenantUsageReported;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.RepeatedTest;

/** Real event loops debit while grants, cuts and reports run: at no time is more debited than was granted. */
class QuotaConcurrencyTest {
    private static final int LOOPS = 4;
    private static final int GRANTS = 400;

    private final AtomicLong largestGrant = new AtomicLong();
    private final AtomicLong debited = new AtomicLong();
    private final AtomicLong broken = new AtomicLong();
    private final List<TenantUsageReported> reports = new ArrayList<>();

    @RepeatedTest(5)
    void neverDebitsMoreThanTheLargestCap() throws Exception {
        QuotaTable table = new QuotaTable(NODE,
                new QuotaSettings(QuotaPolicy.OFF, LOOPS, Duration.ofSeconds(30), Duration.ofMillis(100),
                        Duration.ofMinutes(1), Ladder.STANDARD),
                System::nanoTime, Clock.systemUTC(), this::take);
        table.controlCaughtUp();
        table.applyPolicy(TENANT, QuotaBench.HARD);
        List<ExecutorService> loops = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            loops.add(Executors.newSingleThreadExecutor());
        }
        grant(table, 1, 20_000, false);
        AtomicBoolean running = new AtomicBoolean(true);
        CountDownLatch spenders = new CountDownLatch(LOOPS);
        // All are admitted before one spends: who comes late may find that the others have used everything up.
        List<CompletableFuture<Allowance>> admitted = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            int index = i;
            CompletableFuture<Allowance> allowance = new CompletableFuture<>();
            admitted.add(allowance);
            loops.get(i).execute(() -> table.admit(TENANT, "al", index, loops.get(index),
                    admission -> allowance.complete(((Admission.Admitted) admission).allowance())));
        }
        CompletableFuture.allOf(admitted.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        for (int i = 0; i < LOOPS; i++) {
            int index = i;
            Allowance allowance = admitted.get(i).join();
            loops.get(i).execute(() -> spend(allowance, index, loops.get(index), running, spenders));
        }
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
        for (int seq = 2; seq <= GRANTS; seq++) {
            grant(table, seq, largestGrant.get() + random.nextInt(40_000), seq % 7 == 0);
            table.runDue();
        }
        running.set(false);
        assertThat(spenders.await(30, TimeUnit.SECONDS)).isTrue();
        for (ExecutorService loop : loops) {
            loop.shutdown();
            assertThat(loop.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
        table.beginClose();
        table.runDue();
        assertThat(broken).hasValue(0);
        TenantUsageReported last = reports.get(reports.size() - 1);
        assertThat(last.billableBytes()).isEqualTo(debited.get()).isPositive();
        assertThat(last.accounts().get(0).drawnBytes()).isBetween(debited.get(), largestGrant.get());
        assertThat(reports).isSortedAccordingTo((a, b) -> Long.compare(drawn(a), drawn(b)));
    }

    private void take(RelayEvent event) {
        synchronized (reports) {
            reports.add((TenantUsageReported) event);
        }
    }

    private static long drawn(TenantUsageReported report) {
        return report.accounts().isEmpty() ? 0 : report.accounts().get(0).drawnBytes();
    }

    /** One datagram for each task of the loop, so that the table's own tasks get their turn. */
    private void spend(Allowance allowance, int seed, ExecutorService loop, AtomicBoolean running,
            CountDownLatch done) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int i = 0; i < 200; i++) {
            int bytes = 1 + random.nextInt(1_400);
            if (allowance.debit(bytes, CLIENT_TO_PEER)) {
                if (random.nextInt(20) == 0) {
                    allowance.refund(bytes);
                } else if (debited.addAndGet(bytes) > largestGrant.get()) {
                    broken.incrementAndGet();
                }
            }
        }
        if (running.get()) {
            loop.execute(() -> spend(allowance, seed + 1, loop, running, done));
        } else {
            allowance.close();
            done.countDown();
        }
    }

    private void grant(QuotaTable table, long seq, long bytes, boolean recall) {
        QuotaPeriod period = PeriodKind.MONTH.at(Clock.systemUTC().instant(), 0, java.time.ZoneOffset.UTC);
        largestGrant.set(bytes);
        table.applyGrant(QuotaBench.grant(seq, bytes, period, false, recall, false));
    }
}
