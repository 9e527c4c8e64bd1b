package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** QUOTA.md, rules 9 and 20: a ledger that takes over knows what was decided, by its store or, without it, by what was published. */
class TakeoverRulesTest {
    @Test
    void rule20AFailoverGoesOnFromTheStoreAlone() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.draw(16 * KIB).send();
        world.restart();
        node.accept().draw(16 * KIB).send();
        assertThat(world.lastGrant().getGrantSeq()).isEqualTo(3);
        assertThat(world.lastGrant().getGrantBytes()).isEqualTo(64 * KIB);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void rule9AdoptsAHigherSequenceStopsTheAccountAndRaisesAnAlarm() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1);
        node.periodId = "2026-11";
        node.grantSeq = 12;
        node.cap = 900 * KIB;
        node.draw(100 * KIB).want(1).send();
        node.send();
        assertThat(world.totals().chargeBytes()).isEqualTo(900 * KIB);
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.ALARM).hasSize(1);
        node.accept().cutTo(200 * KIB).send();
        assertThat(world.totals().grantBytes()).as("may still give back").isEqualTo(200 * KIB);
    }

    @Test
    void rule9AdoptsAHigherCapAtAKnownSequence() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.cutTo(300 * KIB).send();
        assertThat(world.totals().chargeBytes()).isEqualTo(300 * KIB);
        assertThat(world.audits).anyMatch(audit -> audit.getKind() == AuditKind.ALARM);
        node.draw(300 * KIB).send();
        assertThat(world.totals().grantBytes()).as("no further grant").isEqualTo(300 * KIB);
    }

    @Test
    void rule9AdoptsOfTwoLostGrantsTheSecondTooThoughTheAdoptionHasTakenItsSequence() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1);
        node.periodId = "2026-11";
        node.grantSeq = 13;
        node.cutTo(300 * KIB).draw(100 * KIB).send();
        assertThat(world.lastGrant().getGrantSeq()).isEqualTo(14);
        node.grantSeq = 14;
        node.cutTo(900 * KIB).want(1).send();
        assertThat(world.totals().grantBytes()).isEqualTo(900 * KIB);
        node.accept().draw(800 * KIB).send();
        assertThat(world.totals().grantBytes()).as("no further grant").isEqualTo(900 * KIB);
    }

    @Test
    void rule9KnowsALostGrantOfTheNextPeriodThatItGivesAgainInTheTurnThatTellsOfIt() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        world.now = Instant.parse("2026-11-30T23:55:00Z");
        Reporter next = world.reporter("r1", 1).cutTo(16 * KIB);
        next.periodId = "2026-12";
        next.grantSeq = 1;
        next.nodeSeq = node.nodeSeq;
        next.policyEpoch = world.policyEpoch();
        TenantNodeUsage both = TenantNodeUsage.newBuilder(next.record())
                .setAccounts(List.of(node.record().getAccounts().get(0), next.record().getAccounts().get(0))).build();
        world.send(both);
        assertThat(world.store.totals(LedgerWorld.TENANT, "2026-12").orElseThrow().chargeBytes()).isEqualTo(16 * KIB);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
        world.now = Instant.parse("2026-12-01T00:00:01Z");
        next.draw(16 * KIB).want(1).send();
        assertThat(world.lastGrant().getGrantSeq()).isEqualTo(2);
        assertThat(world.totals().grantBytes()).as("what both know takes nothing from it").isEqualTo(32 * KIB);
    }

    @Test
    void rule9AdoptsUnderAHardPolicyTheCapThatBoundNothingWhenItsSequenceWasAdopted() {
        LedgerWorld world = new LedgerWorld();
        Reporter node = world.reporter("r1", 1).cutTo(16 * KIB);
        node.periodId = "2026-11";
        node.grantSeq = 4;
        node.send();
        assertThat(world.totals().chargeBytes()).isZero();
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.ALARM).hasSize(1);
        world.setHard(5 * MIB);
        node.want(1).send();
        assertThat(world.totals().grantBytes()).as("its cap and no more").isEqualTo(16 * KIB);
    }

    @Test
    void rule9ARebuiltLedgerKnowsALateReportByTheClockOfItsProcess() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        TenantNodeUsage late = node.accept().record();
        node.want(0).cutTo(0).send();
        world.rebuild();
        world.send(late);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
        assertThat(world.totals().chargeBytes()).isZero();
    }

    @Test
    void rule9ARebuiltLedgerKnowsWhatWasUsedBeforeTheQuotaWasHard() {
        LedgerWorld world = rebuiltAfterUseWithoutAGrantIn("2026-11");
        assertThat(world.totals().chargeBytes()).isEqualTo(2 * MIB);
    }

    @Test
    void rule9ARebuiltLedgerKnowsWhatANodeWhoseClockGoesAheadUsedOfThePeriodToCome() {
        LedgerWorld world = rebuiltAfterUseWithoutAGrantIn("2026-12");
        assertThat(world.store.totals(LedgerWorld.TENANT, "2026-12").orElseThrow().chargeBytes()).isEqualTo(2 * MIB);
    }

    /** A node has used 2 MiB of the period by the time that the quota became hard, and has followed it since. */
    private static LedgerWorld rebuiltAfterUseWithoutAGrantIn(String periodId) {
        LedgerWorld world = new LedgerWorld();
        Reporter node = world.reporter("r1", 1);
        node.periodId = periodId;
        node.draw(MIB).send();
        node.draw(MIB).send();
        world.setHard(5 * MIB);
        node.cap = node.drawn;
        node.send();
        world.rebuild();
        return world;
    }

    @Test
    void rule4NoLateReportReopensAnAccountThatTheNextProcessSettledAlthoughTheLedgerIsRebuilt() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.draw(9 * KIB).want(0);
        node.nodeSeq = 100;
        TenantNodeUsage late = node.record();
        node.nodeSeq = 0;
        node.sender = 2;
        node.last = true;
        node.cutTo(10 * KIB).sendWithPolicy(world.policyEpoch());
        world.rebuild();
        world.send(late);
        assertThat(world.totals().chargeBytes()).isEqualTo(10 * KIB);
        assertThat(world.lastGrant().getClosed()).isTrue();
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void rule12KeepsWhatIsForwardedBeforeArmingOverALossOfTheStore() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter slow = world.reporter("r1", 1).draw(MIB);
        slow.periodId = "2026-11";
        slow.sendWithPolicy(0);
        slow.draw(2 * MIB).sendWithPolicy(0);
        world.rebuild();
        assertThat(world.totals().chargeBytes()).isEqualTo(3 * MIB);
    }

    @Test
    void rule14GoesOnInTheMonthThatADayWasLeftForWhenTheStoreIsLost() {
        LedgerWorld world = LedgerWorld.inKolkataOn("2026-11-22T12:00:00Z", "2026-11-22");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.MONTH, "Asia/Kolkata"));
        world.reporter("r1", 2).want(1).send();
        world.rebuild();
        assertThat(world.quota().period().id()).isEqualTo("2026-11");
    }

    @Test
    void rule14GoesOnInTheMonthWhenTheStoreIsLostThoughSomebodyIsStillAnsweredInTheDay() {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "UTC"));
        Reporter late = world.reporter("r2", 1).forward("2026-11-22", 9);
        late.send();
        world.setHard(5 * MIB);
        world.reporter("r1", 1).want(1).send();
        world.pass(QuotaRules.REPEAT);
        late.send();
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-11-22");
        assertThat(world.lastGrant().getPolicyEpoch()).isEqualTo(world.policyEpoch());
        world.rebuild();
        assertThat(world.quota().period().id()).isEqualTo("2026-11");
    }

    @Test
    void rule14GoesOnInTheDayWhenTheStoreIsLostThoughAMonthWaitsForItsEnd() {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        world.reporter("r1", 1).want(1).send();
        world.setHard(5 * MIB);
        world.rebuild();
        assertThat(world.quota().period().id()).isEqualTo("2026-11-22");
    }
}
