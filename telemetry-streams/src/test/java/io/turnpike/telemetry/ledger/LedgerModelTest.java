package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.TENANT;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.events.v1.TenantNodeUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The ledger among honest nodes and a bad network: reports and grants are lost, doubled and reordered, nodes die, the
 * ledger is restarted, transactions are aborted, the store is lost, policies change and periods roll. In each step no
 * node may hold more than the ledger charges, and nothing forwarded may pass the volume. The seed is the test's name.
 */
class LedgerModelTest {
    private static final int STEPS = 1_500;
    private static final QuotaPolicy OFF = LedgerWorld.OFF;

    private final Map<String, Long> forwarded = new HashMap<>();
    private final Map<String, Long> bound = new HashMap<>();
    private final List<HonestNode> nodes = new ArrayList<>();
    private final List<HonestNode> dead = new ArrayList<>();
    private final List<TenantNodeUsage> reports = new ArrayList<>();
    private final List<QuotaGrant> grants = new ArrayList<>();
    private final Map<String, QuotaGrant> grantTopic = new HashMap<>();
    private HeapStore store = new HeapStore();
    private QuotaLedger ledger = new QuotaLedger(store, OFF);
    private Random random;
    private Instant now = Instant.parse("2026-11-22T20:00:00Z");
    private long policyEpoch;
    private long volume;
    private int tailPercent;
    private long nextEpoch = 1;
    private final List<String> alarms = new ArrayList<>();

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void nothingPassesTheVolumeAndNearlyAllOfItIsUsable(long seed) {
        random = new Random(seed);
        tailPercent = random.nextInt(3) * 5;
        setVolume((1 + random.nextInt(20)) * MIB);
        for (int i = 0; i < 2 + random.nextInt(3); i++) {
            nodes.add(newNode("r" + i));
        }
        double loss = random.nextDouble() * 0.5;
        for (int step = 0; step < STEPS; step++) {
            badStep(loss);
            check();
        }
        calmDown();
        assertThat(alarms).as("honest nodes raise no alarm").isEmpty();
    }

    private void badStep(double loss) {
        now = now.plusMillis(random.nextInt(200));
        nodes.forEach(this::relay);
        HonestNode node = nodes.get(random.nextInt(nodes.size()));
        if (random.nextInt(3) == 0) {
            report(node, loss);
        }
        deliver(loss);
        switch (random.nextInt(150)) {
            case 0 -> node.demand = !node.demand;
            case 1 -> node.returnIdleCredit();
            case 2 -> replace(node, false);
            case 3 -> replace(node, true);
            case 4 -> restartLedger();
            case 5 -> loseStore();
            case 6 -> setVolume((1 + random.nextInt(20)) * MIB);
            case 7 -> now = now.plusSeconds(random.nextInt(1800));
            case 8 -> ledger.onTick(now, 10).forEach(this::publish);
            case 9 -> node.rate = random.nextInt(2_000_000);
            default -> {
            }
        }
    }

    private HonestNode newNode(String nodeId) {
        HonestNode node = new HonestNode(nodeId, nextEpoch++, random.nextLong(),
                Duration.ofMillis(random.nextInt(4_000) - 2_000L));
        node.demand = true;
        node.rate = random.nextInt(200_000);
        node.policyEpoch = policyEpoch;
        return node;
    }

    private void replace(HonestNode node, boolean cleanly) {
        nodes.remove(node);
        if (cleanly) {
            node.stop();
        }
        dead.add(node);
        nodes.add(newNode(node.nodeId));
    }

    private void relay(HonestNode node) {
        if (node.demand) {
            for (int i = random.nextInt(20); i > 0; i--) {
                String period = node.forward(100 + random.nextInt(1_300), now);
                if (period != null) {
                    forwarded.putIfAbsent(period, 0L);
                }
            }
        }
    }

    private void report(HonestNode node, double loss) {
        node.policyEpoch = random.nextDouble() < loss ? node.policyEpoch : policyEpoch;
        TenantNodeUsage report = node.report(now);
        if (random.nextDouble() >= loss) {
            reports.add(report);
        }
        if (random.nextDouble() < loss / 2) {
            reports.add(report);
        }
        for (HonestNode stopping : dead) {
            if (stopping.stopping && !stopping.isSettled() && random.nextInt(4) == 0) {
                reports.add(stopping.report(now));
            }
        }
    }

    private void deliver(double loss) {
        while (!reports.isEmpty() && random.nextInt(4) != 0) {
            boolean inOrder = random.nextDouble() > loss;
            take(reports.remove(inOrder ? 0 : random.nextInt(reports.size())));
        }
        while (!grants.isEmpty() && random.nextInt(4) != 0) {
            boolean inOrder = random.nextDouble() > loss;
            QuotaGrant grant = grants.remove(inOrder ? 0 : random.nextInt(grants.size()));
            if (random.nextDouble() >= loss) {
                hear(grant);
            }
            if (random.nextDouble() < loss / 2) {
                hear(grant);
            }
        }
    }

    private void hear(QuotaGrant grant) {
        nodes.forEach(node -> node.accept(grant));
        dead.stream().filter(node -> node.stopping).forEach(node -> node.accept(grant));
    }

    private void take(TenantNodeUsage report) {
        if (random.nextInt(50) == 0) {
            HeapStore aborted = store.copy();
            new QuotaLedger(aborted, OFF).onReport(report, now);
            restartLedger();
        }
        publish(ledger.onReport(report, now));
    }

    private void publish(Decisions decisions) {
        grants.addAll(decisions.grants());
        decisions.grants().forEach(grant -> grantTopic.put(QuotaAccountKey.of(grant).text(), grant));
        decisions.audits().stream().filter(audit -> audit.getKind() == AuditKind.ALARM)
                .forEach(audit -> alarms.add(audit.getReason()));
    }

    private void restartLedger() {
        store = store.copy();
        ledger = new QuotaLedger(store, OFF);
    }

    /** The changelog is gone; the control topics are not. */
    private void loseStore() {
        HeapStore fresh = new HeapStore();
        ControlHistory.Decided decided = new ControlHistory.Decided(List.of(),
                List.of(store.policy(TENANT).orElseThrow()),
                List.copyOf(grantTopic.values()), List.of(), List.of(), List.of());
        LedgerRebuild.fill(fresh, decided, OFF, now);
        store = fresh;
        ledger = new QuotaLedger(store, OFF);
    }

    private void setVolume(long bytes) {
        volume = bytes;
        policyEpoch++;
        QuotaPolicy policy = LedgerWorld.policy(policyEpoch, QuotaMode.HARD, bytes, QuotaPeriodKind.DAY, "UTC");
        store.put(QuotaPolicy.newBuilder(policy).setTailPercent(tailPercent).build());
        publish(ledger.onPolicy(TENANT, now));
    }

    private void check() {
        Map<String, Long> charges = new HashMap<>();
        for (QuotaAccount account : store.allAccounts()) {
            charges.merge(account.key().periodId(), account.chargeBytes(), Long::sum);
        }
        charges.forEach((period, charge) -> {
            assertThat(store.totals(TENANT, period).orElseThrow().chargeBytes()).as("running sum of " + period)
                    .isEqualTo(charge);
            bound.merge(period, volume, Math::max);
            assertThat(charge).as("charges of " + period).isLessThanOrEqualTo(bound.get(period));
        });
        List<HonestNode> all = new ArrayList<>(nodes);
        all.addAll(dead);
        forwarded.replaceAll((period, bytes) -> 0L);
        for (HonestNode node : all) {
            node.accounts.forEach((period, account) -> {
                QuotaAccountKey key = new QuotaAccountKey(TENANT, period, node.nodeId, node.epoch, node.nonce, "");
                long charge = store.account(key).map(QuotaAccount::chargeBytes).orElse(0L);
                assertThat(account.cap).as("cap of " + key).isLessThanOrEqualTo(charge);
                forwarded.merge(period, account.drawn, Long::sum);
            });
        }
        forwarded.forEach((period, bytes) -> assertThat(bytes).as("forwarded in " + period)
                .isLessThanOrEqualTo(bound.getOrDefault(period, 0L)));
    }

    /** The network is good again and everybody has traffic: what dead processes do not hold must be usable. */
    private void calmDown() {
        setVolume(volume + 5 * MIB);
        for (int second = 0; second < 400; second++) {
            for (int part = 0; part < 5; part++) {
                now = now.plusMillis(200);
                for (HonestNode node : nodes) {
                    node.demand = true;
                    node.rate = 50_000;
                    node.policyEpoch = policyEpoch;
                    node.forward(1_200, now);
                    for (int i = 0; i < 200; i++) {
                        node.forward(1_000, now);
                    }
                    if (part == 0 || node.wantsNow(now)) {
                        reports.add(node.report(now));
                    }
                }
                reports.forEach(report -> publish(ledger.onReport(report, now)));
                reports.clear();
                List.copyOf(grants).forEach(this::hear);
                grants.clear();
            }
            ledger.onTick(now, 10).forEach(this::publish);
            check();
        }
        String period = store.quota(TENANT).orElseThrow().period().id();
        long uncertain = QuotaSummary.of(store.policy(TENANT).orElseThrow(), store.quota(TENANT),
                store.totals(TENANT, period), store.allAccounts().stream()
                        .filter(account -> account.key().periodId().equals(period)).toList(),
                now).uncertainBytes();
        assertThat(forwarded.getOrDefault(period, 0L) + uncertain).as("usable of " + volume + " in " + period)
                .isGreaterThanOrEqualTo(volume / 100 * 99);
    }
}
