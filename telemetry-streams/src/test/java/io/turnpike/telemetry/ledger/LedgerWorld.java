package io.turnpike.telemetry.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A ledger with its store and a manual clock, and everything that it published. */
final class LedgerWorld {
    static {
        RecordCodec.prepareAvro();
    }

    static final String TENANT = "acme";
    static final long MIB = 1024 * 1024;
    static final long KIB = 1024;
    static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    static final QuotaPolicy OFF = policy(0, QuotaMode.OFF, null, QuotaPeriodKind.MONTH, "UTC");

    HeapStore store = new HeapStore();
    QuotaLedger ledger = new QuotaLedger(store, OFF);
    Instant now = START;
    final List<QuotaGrant> grants = new ArrayList<>();
    final List<QuotaAudit> audits = new ArrayList<>();
    private long policyEpoch;

    static QuotaPolicy policy(long epoch, QuotaMode mode, Long volume, QuotaPeriodKind period, String zone) {
        return QuotaPolicy.newBuilder().setTenantId(TENANT).setPolicyEpoch(epoch).setMode(mode).setPeriod(period)
                .setTimeZone(zone).setVolumeBytes(volume).setOnControlLoss(OnControlLoss.STOP).setTailPercent(0)
                .setUpdatedAt(START).build();
    }

    static LedgerWorld hard(long volume) {
        LedgerWorld world = new LedgerWorld();
        world.setHard(volume);
        return world;
    }

    /** A tenant without a limit who has forwarded something on the day. */
    static LedgerWorld inKolkataOn(String instant, String day) {
        LedgerWorld world = new LedgerWorld();
        world.now = Instant.parse(instant);
        world.setPolicy(policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "Asia/Kolkata"));
        world.reporter("r1", 1).forward(day, 9).send();
        assertThat(world.quota().period().id()).isEqualTo(day);
        return world;
    }

    void setHard(long volume) {
        setPolicy(policy(0, QuotaMode.HARD, volume, QuotaPeriodKind.MONTH, "UTC"));
    }

    /** A monthly volume under any mode. */
    void setMode(QuotaMode mode, long volume) {
        setPolicy(policy(0, mode, volume, QuotaPeriodKind.MONTH, "UTC"));
    }

    void setPolicy(QuotaPolicy policy) {
        store.put(QuotaPolicy.newBuilder(policy).setPolicyEpoch(++policyEpoch).build());
        publish(ledger.onPolicy(TENANT, now));
    }

    long policyEpoch() {
        return policyEpoch;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    void tick() {
        ledger.onTick(now, 100).forEach(this::publish);
    }

    /** A new ledger over what the old one had stored. */
    void restart() {
        store = store.copy();
        ledger = new QuotaLedger(store, OFF);
    }

    /** A ledger that has nothing but what was published. */
    void rebuild() {
        Map<QuotaAccountKey, QuotaGrant> topic = new LinkedHashMap<>();
        grants.forEach(grant -> topic.put(QuotaAccountKey.of(grant), grant));
        HeapStore rebuilt = new HeapStore();
        LedgerRebuild.fill(rebuilt, new ControlHistory.Decided(List.of(),
                List.of(store.policy(TENANT).orElseThrow()), List.copyOf(topic.values()), List.of(), List.of(),
                List.of()), OFF,
                now);
        store = rebuilt;
        ledger = new QuotaLedger(store, OFF);
    }

    Decisions send(TenantNodeUsage usage) {
        Decisions decisions = ledger.onReport(usage, now);
        publish(decisions);
        return decisions;
    }

    private void publish(Decisions decisions) {
        grants.addAll(decisions.grants());
        audits.addAll(decisions.audits());
    }

    QuotaGrant lastGrant() {
        return grants.get(grants.size() - 1);
    }

    QuotaStanding quota() {
        return store.quota(TENANT).orElseThrow();
    }

    QuotaSummary summary() {
        return summary(QuotaScope.tenant(TENANT));
    }

    QuotaSummary summary(QuotaScope scope) {
        QuotaPolicy policy = UserPolicy.of(scope, store.policy(TENANT).orElse(OFF));
        Optional<QuotaStanding> quota = store.quota(scope);
        List<QuotaAccount> accounts = new ArrayList<>();
        quota.ifPresent(known -> store.eachAccount(scope, known.period().id(), accounts::add));
        return QuotaSummary.of(policy, quota, quota.flatMap(known -> store.totals(scope, known.period().id())),
                accounts, now);
    }

    PeriodTotals totals() {
        return store.totals(TENANT, quota().period().id()).orElseThrow();
    }

    PeriodTotals totals(QuotaScope scope) {
        return store.totals(scope, store.quota(scope).orElseThrow().period().id()).orElseThrow();
    }

    /** Reports of one process of a node, with the fields that a test cares about. */
    Reporter reporter(String nodeId, long epoch) {
        return new Reporter(this, nodeId, epoch, 1000 + epoch);
    }

    /** A process that asked for credit, and has what it was granted. */
    Reporter served(String nodeId) {
        Reporter node = reporter(nodeId, 1).want(1);
        node.send();
        return node.accept();
    }

    /** A process that draws all that it is granted until nobody is granted more. */
    Reporter exhaust(String nodeId) {
        Reporter node = reporter(nodeId, 1).want(1);
        for (int i = 0; i < 10_000 && !isExhausted(); i++) {
            node.send();
            node.accept().draw(node.cap - node.drawn);
        }
        assertThat(isExhausted()).isTrue();
        return node;
    }

    boolean isExhausted() {
        return quota().state() == QuotaState.EXHAUSTED;
    }

    /** Writes reports by hand. */
    static final class Reporter {
        final LedgerWorld world;
        final String nodeId;
        final long epoch;
        final long nonce;
        long nodeSeq;
        String userId = "";
        long opening;
        int activeAllocations = 1;
        String periodId = "";
        long grantSeq;
        long cap;
        long drawn;
        long want;
        long wantTail;
        long rate;
        long ungranted;
        /** Epoch of the process that reports, where it is not the account's own. */
        long sender;
        long policyEpoch;
        boolean last;

        Reporter(LedgerWorld world, String nodeId, long epoch, long nonce) {
            this.world = world;
            this.nodeId = nodeId;
            this.epoch = epoch;
            this.nonce = nonce;
        }

        /** Takes the newest grant for this process. */
        Reporter accept() {
            world.grants.stream().filter(this::isMine).filter(grant -> grant.getGrantSeq() > grantSeq)
                    .forEach(grant -> {
                        grantSeq = grant.getGrantSeq();
                        cap = grant.getGrantBytes();
                        periodId = grant.getPeriodId();
                    });
            return this;
        }

        private boolean isMine(QuotaGrant grant) {
            return grant.getUserId().equals(userId) && grant.getOpening() == opening
                    && grant.getNodeId().equals(nodeId) && grant.getProcessNonce() == nonce
                    && grant.getNodeEpoch() == epoch
                    && (periodId.isEmpty() || periodId.equals(grant.getPeriodId()));
        }

        /** Reports of a user's account from now on, opened for the first time or anew. */
        Reporter ofUser(String user, long newOpening) {
            userId = user;
            opening = newOpening;
            periodId = "";
            grantSeq = 0;
            cap = 0;
            drawn = 0;
            want = 0;
            ungranted = 0;
            last = false;
            return this;
        }

        Reporter draw(long bytes) {
            drawn += bytes;
            return this;
        }

        /** Forwards without a grant, as a node does under a policy that asks for none; booked to a period by itself. */
        Reporter forward(String period, long bytes) {
            periodId = period;
            drawn += bytes;
            cap = Math.max(cap, drawn);
            return this;
        }

        Reporter want(long bytes) {
            want = bytes;
            return this;
        }

        Reporter cutTo(long bytes) {
            cap = bytes;
            return this;
        }

        TenantNodeUsage record() {
            QuotaAccountReport account = QuotaAccountReport.newBuilder().setPeriodId(periodId).setUserId(userId)
                    .setOpening(opening).setNodeEpoch(epoch)
                    .setProcessNonce(nonce).setPolicyEpoch(policyEpoch).setGrantSeq(grantSeq).setCapBytes(cap)
                    .setDrawnBytes(drawn).setSpentBytes(drawn).setWantBytes(want).setRateBytesPerSecond(rate)
                    .setFinalReport(last).setWantTailBytes(wantTail).setUngrantedBytes(ungranted).build();
            long from = sender == 0 ? epoch : sender;
            return TenantNodeUsage.newBuilder()
                    .setHeader(EventHeader.newBuilder().setNodeId(nodeId).setNodeEpoch(from).setNodeSeq(nodeSeq++)
                            .setOccurredAt(world.now).setTenantId(TENANT).setUserId("").build())
                    .setProcessNonce(sender == 0 ? nonce : 1000 + sender).setReportMonotonicNanos(nodeSeq * 1_000)
                    .setPolicyEpochSeen(policyEpoch)
                    .setAccounts(List.of(account)).setBillableBytes(drawn).setActiveAllocations(1).setActiveUsers(1)
                    .build();
        }

        Decisions send() {
            policyEpoch = Math.max(policyEpoch, world.policyEpoch());
            return world.send(record());
        }

        Decisions sendWithPolicy(long epochSeen) {
            policyEpoch = epochSeen;
            return world.send(record());
        }
    }
}
