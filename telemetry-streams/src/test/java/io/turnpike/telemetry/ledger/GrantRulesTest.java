package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** QUOTA.md, rules 1 to 8: grants and returns, and reports that contradict what the ledger knows. */
class GrantRulesTest {
    @Test
    void firstContactIsAnsweredWithAFirstGrantThatNamesTheProcess() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.reporter("r1", 7).want(1).send();
        QuotaGrant grant = world.lastGrant();
        assertThat(grant.getNodeId()).isEqualTo("r1");
        assertThat(grant.getNodeEpoch()).isEqualTo(7);
        assertThat(grant.getProcessNonce()).isEqualTo(1007);
        assertThat(grant.getPeriodId()).isEqualTo("2026-11");
        assertThat(grant.getPeriodStart()).isEqualTo("2026-11-01T00:00:00Z");
        assertThat(grant.getPeriodEnd()).isEqualTo("2026-12-01T00:00:00Z");
        assertThat(grant.getGrantSeq()).isEqualTo(1);
        assertThat(grant.getGrantBytes()).isEqualTo(16 * KIB);
        assertThat(grant.getAnsweredReportMonotonicNanos()).isEqualTo(1_000);
        assertThat(grant.getState()).isEqualTo(QuotaState.OPEN);
    }

    @Test
    void rule1CountsAReturnThatNamesTheLatestSequence() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.draw(3 * KIB).want(0).cutTo(3 * KIB).send();
        assertThat(world.totals().chargeBytes()).isEqualTo(3 * KIB);
        assertThat(world.lastGrant().getGrantBytes()).as("the return is acknowledged").isEqualTo(3 * KIB);
        assertThat(world.lastGrant().getGrantSeq()).isEqualTo(2);
    }

    @Test
    void rule1IgnoresAReturnWhileANewerGrantIsOnItsWay() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.draw(16 * KIB).send();
        assertThat(world.lastGrant().getGrantSeq()).isEqualTo(2);
        long charge = world.totals().chargeBytes();
        node.want(0).cutTo(16 * KIB).send();
        assertThat(world.totals().chargeBytes()).as("grant 2 would lift the cap again").isEqualTo(charge);
    }

    @Test
    void rule1IgnoresAnOlderReportThatArrivesAfterANewerOne() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        node.accept();
        var before = node.draw(KIB).want(0).record();
        node.cutTo(KIB).send();
        world.send(before);
        assertThat(world.totals().chargeBytes()).isEqualTo(KIB);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void rule2NeverChargesLessThanWhatWasDrawn() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.draw(10 * KIB).want(0).cutTo(2 * KIB).send();
        assertThat(world.totals().chargeBytes()).isEqualTo(10 * KIB);
        assertThat(world.lastGrant().getGrantBytes()).as("nor cuts a cap below it").isEqualTo(10 * KIB);
        node.drawn = 4 * KIB;
        node.send();
        assertThat(world.totals().chargeBytes()).as("U never falls").isEqualTo(10 * KIB);
    }

    @Test
    void rule3TimeFreesNothing() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.reporter("r1", 1).want(1).send();
        world.pass(Duration.ofDays(5));
        world.tick();
        world.restart();
        world.tick();
        assertThat(world.totals().chargeBytes()).isEqualTo(16 * KIB);
    }

    @Test
    void rule3SettlesADeadAccountByTheCeilingThatItsNextStartReports() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.reporter("r1", 1).want(1).send();
        Reporter settling = new Reporter(world, "r1", 1, 1001);
        settling.nodeSeq = 5;
        settling.periodId = "2026-11";
        settling.last = true;
        settling.drawn = 9 * KIB;
        settling.cap = 9 * KIB;
        settling.send();
        assertThat(world.totals().chargeBytes()).isEqualTo(9 * KIB);
        assertThat(world.lastGrant().getClosed()).isTrue();
    }

    @Test
    void rule4TakesAFinalReportAtAnySequenceAndAcknowledgesEachRepetition() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.draw(16 * KIB).send();
        node.last = true;
        node.want(0).cutTo(16 * KIB).send();
        assertThat(world.totals().chargeBytes()).isEqualTo(16 * KIB);
        assertThat(world.lastGrant().getClosed()).isTrue();
        int published = world.grants.size();
        node.send();
        assertThat(world.grants).hasSize(published + 1);
        assertThat(world.lastGrant().getClosed()).isTrue();
        assertThat(world.audits).extracting(QuotaAudit::getKind).containsOnlyOnce(AuditKind.ACCOUNT_SETTLED);
    }

    @Test
    void rule4GrantsNothingAfterAFinalReport() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.last = true;
        node.cutTo(0).send();
        node.last = false;
        node.want(1).send();
        assertThat(world.totals().chargeBytes()).isZero();
    }

    @Test
    void rule5GivesNoCreditThatIsNotAGrantOfTheVolume() {
        LedgerWorld world = LedgerWorld.hard(0);
        world.reporter("r1", 1).want(1).send();
        assertThat(world.lastGrant().getGrantBytes()).isZero();
        assertThat(world.lastGrant().getState()).isEqualTo(QuotaState.EXHAUSTED);
    }

    @Test
    void rule6RaisesAnAlarmWhenTwoProcessesUseOneNodeName() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.reporter("r1", 1).want(1).send();
        Reporter twin = new Reporter(world, "r1", 1, 4711);
        twin.want(1).send();
        twin.send();
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.ALARM).hasSize(1)
                .allMatch(audit -> audit.getReason().contains("runs twice"));
        assertThat(world.lastGrant().getProcessNonce()).as("each has its own account").isEqualTo(4711);
    }

    @Test
    void rule6RaisesAnAlarmWhenAnOlderEpochGoesOnButNotForItsLateReports() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter old = world.reporter("r1", 1).want(1);
        old.send();
        var late = old.record();
        world.reporter("r1", 2).want(1).send();
        world.send(late);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
        world.pass(Duration.ofSeconds(6));
        old.send();
        assertThat(world.audits).anyMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void rule8TicksNeverRaiseAGrant() {
        LedgerWorld world = LedgerWorld.hard(64 * KIB);
        Reporter first = world.reporter("r1", 1).want(1);
        for (int i = 0; i < 10; i++) {
            first.send();
            first.accept().draw(16 * KIB);
        }
        world.reporter("r2", 1).want(1).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.EXHAUSTED);
        world.store.put(LedgerWorld.policy(9, QuotaMode.HARD, 50 * MIB, QuotaPeriodKind.MONTH, "UTC"));
        world.restart();
        int published = world.grants.size();
        for (int i = 0; i < 60; i++) {
            world.pass(Duration.ofSeconds(1));
            world.tick();
        }
        assertThat(world.grants.subList(published, world.grants.size())).as("the state may be told")
                .noneMatch(grant -> grant.getGrantBytes() > 64 * KIB);
        assertThat(world.totals().grantBytes()).isEqualTo(64 * KIB);
    }

    @Test
    void raisesAnAlarmWhenAProcessDrawsBeyondItsGrant() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.draw(17 * KIB).send();
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.ALARM).hasSize(1);
        assertThat(world.totals().chargeBytes()).as("and still counts it").isGreaterThanOrEqualTo(17 * KIB);
    }

    @Test
    void absurdReportsCannotOverflowTheSums() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        for (int node = 0; node < 4; node++) {
            Reporter mad = world.reporter("mad" + node, 1);
            mad.periodId = "2026-11";
            mad.grantSeq = Long.MAX_VALUE - 5;
            mad.cap = Long.MAX_VALUE;
            mad.draw(node == 0 ? -5 : Long.MAX_VALUE).want(Long.MAX_VALUE).send();
        }
        world.reporter("r1", 1).want(1).send();
        assertThat(world.lastGrant().getGrantBytes()).isZero();
        assertThat(world.totals().chargeBytes()).isGreaterThan(5 * MIB);
    }

    @Test
    void noNumberOfAbsurdReportsMakesTheSumsOverflowIntoFreeVolume() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        for (int node = 0; node < 9_000; node++) { // 2^63 bytes are 8,192 of them
            Reporter mad = world.reporter("mad", node);
            mad.periodId = "2026-11";
            mad.draw(Long.MAX_VALUE).send();
        }
        world.reporter("r1", 1).want(1).send();
        assertThat(world.totals().chargeBytes()).isGreaterThan(5 * MIB);
        assertThat(world.grants).allMatch(grant -> grant.getGrantBytes() == 0);
        assertThat(world.audits).filteredOn(audit -> audit.getReason().contains("more than any quota")).hasSize(1);
    }

    @Test
    void reportsOfNoPeriodAreLeftOutWithOneAlarm() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).draw(5);
        node.periodId = "yesterday|x";
        node.send();
        node.send();
        assertThat(world.grants).isEmpty();
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.ALARM).hasSize(1);
    }
}
