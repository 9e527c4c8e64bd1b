package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the ledger makes of what nodes did without it, and what it says may come of it (QUOTA.md rules 3 and 10). */
class LostControlTest {
    private static final QuotaScope ANN = new QuotaScope(LedgerWorld.TENANT, "ann");

    private static LedgerWorld world(OnControlLoss onControlLoss) {
        LedgerWorld world = new LedgerWorld();
        setPolicy(world, onControlLoss, 5 * MIB, 100 * KIB);
        return world;
    }

    private static void setPolicy(LedgerWorld world, OnControlLoss onControlLoss, long volume, long grace) {
        world.setPolicy(QuotaPolicy
                .newBuilder(LedgerWorld.policy(0, QuotaMode.HARD, volume, QuotaPeriodKind.MONTH, "UTC"))
                .setOnControlLoss(onControlLoss).setGraceBytes(grace).build());
    }

    private static Reporter granted(LedgerWorld world, String nodeId) {
        Reporter node = world.reporter(nodeId, 1).want(1);
        node.send();
        node.accept().want(0);
        return node;
    }

    @Test
    void statesTheBoundOfEachPolicy() {
        for (OnControlLoss action : new OnControlLoss[]{OnControlLoss.STOP, OnControlLoss.SAFE_RATE,
            OnControlLoss.ALLOW}) {
            LedgerWorld world = world(action);
            granted(world, "r1");
            granted(world, "r2");
            QuotaSummary summary = world.summary();
            assertThat(summary.controlLoss().policy()).isEqualTo(action);
            assertThat(summary.controlLoss().nodes()).isEqualTo(2);
            switch (action) {
                case STOP, UNKNOWN -> assertThat(summary.overshootBoundBytes()).hasValue(0);
                case SAFE_RATE -> assertThat(summary.overshootBoundBytes()).hasValue(200 * KIB);
                case ALLOW -> assertThat(summary.overshootBoundBytes()).isEmpty();
            }
        }
    }

    @Test
    void theBoundCountsFromWhatWasChargedWhenTheVolumeWasLowered() {
        LedgerWorld world = world(OnControlLoss.SAFE_RATE);
        granted(world, "r1").draw(16 * KIB).send();
        setPolicy(world, OnControlLoss.SAFE_RATE, 10 * KIB, 100 * KIB);
        assertThat(world.summary().overshootBoundBytes()).hasValue(6 * KIB + 100 * KIB);
    }

    private static void goOn(Reporter node, long bytes) {
        node.draw(node.cap - node.drawn + bytes);
        node.ungranted += bytes;
        node.cap = node.drawn;
        node.send();
    }

    @Test
    void theBoundCountsWhatWasUsedOfAGraceOnceAndNotAgain() {
        LedgerWorld world = world(OnControlLoss.SAFE_RATE);
        Reporter first = granted(world, "r1");
        granted(world, "r2");
        goOn(first, 60 * KIB);
        assertThat(world.summary().overshootBoundBytes()).as("the rest of one, and the other").hasValue(140 * KIB);
        first.want(1).send();
        first.accept();
        assertThat(world.summary().overshootBoundBytes()).as("also when control is back").hasValue(140 * KIB);
        goOn(first, 40 * KIB);
        assertThat(world.summary().overshootBoundBytes()).hasValue(100 * KIB);
        assertThat(world.summary().controlLoss().graceBytesPerNode()).isEqualTo(100 * KIB);

        setPolicy(world, OnControlLoss.SAFE_RATE, 10 * KIB, 100 * KIB);
        assertThat(world.summary().overshootBoundBytes()).as("beside what is charged beyond the volume")
                .hasValue(world.totals().chargeBytes() - 10 * KIB + 100 * KIB);
        setPolicy(world, OnControlLoss.SAFE_RATE, 5 * MIB, 150 * KIB);
        assertThat(world.summary().overshootBoundBytes()).as("a larger grace").hasValue(50 * KIB + 150 * KIB);
    }

    @Test
    void processesOfANodeShareItsGrace() {
        LedgerWorld world = world(OnControlLoss.SAFE_RATE);
        goOn(granted(world, "r1"), 30 * KIB);
        Reporter next = world.reporter("r1", 2).want(1);
        next.send();
        goOn(next.accept().want(0), 20 * KIB);
        assertThat(world.summary().controlLoss().nodes()).isOne();
        assertThat(world.summary().overshootBoundBytes()).hasValue(50 * KIB);
    }

    @Test
    void whatANodeWentOnByUnderAnotherPolicyIsNoUseOfItsGrace() {
        LedgerWorld world = world(OnControlLoss.ALLOW);
        Reporter node = granted(world, "r1");
        goOn(node, 60 * KIB);
        setPolicy(world, OnControlLoss.SAFE_RATE, 5 * MIB, 100 * KIB);
        assertThat(world.summary().overshootBoundBytes()).hasValue(100 * KIB);
        goOn(node, 10 * KIB);
        assertThat(world.summary().overshootBoundBytes()).as("its report may be of the time before")
                .hasValue(100 * KIB);
        goOn(node, 10 * KIB);
        assertThat(world.summary().overshootBoundBytes()).hasValue(90 * KIB);
    }

    @Test
    void saysHowLongTheFirstNodeToRunDryLasts() {
        LedgerWorld world = world(OnControlLoss.STOP);
        assertThat(world.summary().controlLoss().survivesSeconds()).isEmpty();
        Reporter fast = granted(world, "r1");
        Reporter slow = granted(world, "r2");
        fast.rate = 4 * KIB;
        slow.rate = KIB;
        fast.send();
        slow.send();
        assertThat(world.summary().controlLoss().survivesSeconds()).hasValue(4);
        world.pass(Duration.ofSeconds(20));
        slow.send();
        assertThat(world.summary().controlLoss().survivesSeconds()).as("who is silent does not count").hasValue(16);
    }

    @Test
    void rule10ChargesWhatWasForwardedBeyondGrantsAndRaisesAnAlarm() {
        LedgerWorld world = world(OnControlLoss.SAFE_RATE);
        Reporter node = granted(world, "r1").draw(76 * KIB);
        node.ungranted = 60 * KIB;
        node.cap = node.drawn;
        node.send();
        assertThat(world.totals().chargeBytes()).isEqualTo(76 * KIB);
        assertThat(world.summary().controlLoss().ungrantedBytes()).isEqualTo(60 * KIB);
        node.send();
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.ALARM)
                .extracting(QuotaAudit::getReason).singleElement().asString()
                .contains("node r1 epoch 1 went on without control, by 61440 bytes", "SAFE_RATE");
        node.want(1).send();
        assertThat(world.lastGrant().getGrantBytes()).as("nothing of it is given a second time")
                .isGreaterThan(76 * KIB);
        QuotaAccount stored = QuotaAccount.fromBytes(world.store
                .account(new io.turnpike.contract.QuotaAccountKey(LedgerWorld.TENANT, "2026-11", "r1", 1, 1001, ""))
                .orElseThrow().toBytes());
        assertThat(stored.ungrantedBytes).isEqualTo(60 * KIB);
        assertThat(stored.graceUsedBytes).isEqualTo(60 * KIB);
    }

    @Test
    void rule3SettlesAKilledProcessByWhatItWroteAheadUnderThePoliciesThatItFollowed() {
        LedgerWorld world = world(OnControlLoss.STOP);
        granted(world, "r1");
        settle(world, world.policyEpoch());
        assertThat(world.totals().chargeBytes()).isEqualTo(9 * KIB);
    }

    @Test
    void rule3ClosesButDoesNotLowerWhereTheProcessMayHaveForwardedWithoutAGrantSince() {
        LedgerWorld world = world(OnControlLoss.STOP);
        granted(world, "r1");
        long followed = world.policyEpoch();
        world.setMode(QuotaMode.OFF, 5 * MIB);
        world.setHard(5 * MIB);
        settle(world, followed);
        assertThat(world.lastGrant().getClosed()).isTrue();
        assertThat(world.totals().chargeBytes()).isEqualTo(16 * KIB);
    }

    @Test
    void rule3WhatWasWrittenDownAheadAddsNothingToAnAccountThatItsOwnProcessHasSettled() {
        for (OnControlLoss onControlLoss : List.of(OnControlLoss.STOP, OnControlLoss.SAFE_RATE, OnControlLoss.ALLOW)) {
            LedgerWorld world = world(onControlLoss);
            Reporter node = granted(world, "r1").draw(8 * KIB).cutTo(8 * KIB);
            node.last = true;
            node.send();
            settle(world, world.policyEpoch());
            assertThat(world.lastGrant().getClosed()).as("is acknowledged again").isTrue();
            assertThat(world.totals().chargeBytes()).isEqualTo(8 * KIB);
            assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
        }
    }

    @Test
    void rule3AProcessThatHadReturnedCreditIsNotChargedForWhatItHadWrittenDownBefore() {
        LedgerWorld world = world(OnControlLoss.STOP);
        granted(world, "r1").draw(3 * KIB).cutTo(3 * KIB).send();
        assertThat(world.totals().chargeBytes()).isEqualTo(3 * KIB);
        settle(world, world.policyEpoch());
        assertThat(world.lastGrant().getClosed()).isTrue();
        assertThat(world.totals().chargeBytes()).isEqualTo(3 * KIB);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void rule10AProcessThatMayHaveGoneOnIsChargedForWhatItHadWrittenDown() {
        LedgerWorld world = world(OnControlLoss.ALLOW);
        granted(world, "r1").draw(3 * KIB).cutTo(3 * KIB).send();
        settle(world, world.policyEpoch());
        assertThat(world.totals().chargeBytes()).isEqualTo(9 * KIB);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    /** The node's next process says what the one before it had written down. */
    private static void settle(LedgerWorld world, long followed) {
        Reporter next = new Reporter(world, "r1", 1, 1001);
        next.sender = 2;
        next.periodId = "2026-11";
        next.last = true;
        next.drawn = 9 * KIB;
        next.cap = 9 * KIB;
        next.sendWithPolicy(followed);
    }

    private static LedgerWorld withUsers(OnControlLoss onControlLoss) {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(QuotaPolicy
                .newBuilder(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.MONTH, "UTC"))
                .setUserVolumeBytes(MIB).setOnControlLoss(onControlLoss).setGraceBytes(100 * KIB).build());
        return world;
    }

    private static Reporter grantedToAnn(LedgerWorld world) {
        Reporter ann = world.reporter("r1", 1).ofUser("ann", 1).want(1);
        ann.send();
        return ann.accept().want(0);
    }

    @Test
    void theGraceIsTheTenantsAndNotItsUsers() {
        LedgerWorld world = withUsers(OnControlLoss.SAFE_RATE);
        granted(world, "r1");
        grantedToAnn(world);
        assertThat(world.summary().overshootBoundBytes()).hasValue(100 * KIB);
        assertThat(world.summary(ANN).controlLoss().policy()).isEqualTo(OnControlLoss.STOP);
        assertThat(world.summary(ANN).controlLoss().graceBytesPerNode()).isZero();
        assertThat(world.summary(ANN).overshootBoundBytes()).hasValue(0);
    }

    @Test
    void whatAUserWentOnByStaysChargedWhenHeIsOpenedAgain() {
        LedgerWorld world = withUsers(OnControlLoss.ALLOW);
        Reporter ann = grantedToAnn(world);
        ann.draw(ann.cap + 10 * KIB).cutTo(ann.drawn);
        ann.ungranted = 10 * KIB;
        ann.send();
        assertThat(world.audits).anyMatch(
                audit -> audit.getKind() == AuditKind.ALARM && audit.getUserId().equals("ann"));
        assertThat(world.summary(ANN).controlLoss().ungrantedBytes()).isEqualTo(10 * KIB);
        ann.last = true;
        ann.send();
        long first = ann.drawn;
        assertThat(world.totals(ANN).chargeBytes()).isEqualTo(first);
        ann.ofUser("ann", 2).want(1).send();
        assertThat(world.lastGrant().getEarlierBytes()).isEqualTo(first);
        assertThat(world.totals(ANN).chargeBytes()).isEqualTo(first + world.lastGrant().getGrantBytes());
        assertThat(world.summary(ANN).controlLoss().ungrantedBytes()).isZero();
    }

    @Test
    void anAccountThatWasForgottenWithItsPeriodIsSettledWithoutAnAlarm() {
        LedgerWorld world = world(OnControlLoss.STOP);
        granted(world, "r1");
        Reporter late = new Reporter(world, "r1", 1, 1001);
        late.periodId = "2026-08";
        late.grantSeq = 7;
        late.drawn = 9 * KIB;
        late.cap = 9 * KIB;
        late.last = true;
        int before = world.audits.size();
        late.send();
        assertThat(world.lastGrant().getClosed()).isTrue();
        assertThat(world.audits.subList(before, world.audits.size()))
                .noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }
}
