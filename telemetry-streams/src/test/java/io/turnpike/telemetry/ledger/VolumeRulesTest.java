package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** QUOTA.md rule 11 and the states: what a volume gives, and what comes of it when it is changed. */
class VolumeRulesTest {
    @Test
    void theWholeVolumeIsGrantedAndNotAByteMore() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.exhaust("r1");
        assertThat(node.drawn).isEqualTo(5 * MIB);
        assertThat(world.totals().chargeBytes()).isEqualTo(5 * MIB);
        assertThat(world.totals().spentBytes()).isEqualTo(5 * MIB);
    }

    @Test
    void warnsAtEightyPerCentAndAuditsEachTransitionOnce() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.exhaust("r1");
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.STATE_CHANGED)
                .extracting(QuotaAudit::getToState).containsExactly(QuotaState.WARN, QuotaState.EXHAUSTED);
        QuotaAudit warned = world.audits.stream().filter(audit -> audit.getToState() == QuotaState.WARN).findFirst()
                .orElseThrow();
        assertThat(warned.getUsedBytes()).isBetween(4 * MIB, 5 * MIB);
        assertThat(warned.getLimitBytes()).isEqualTo(5 * MIB);
        assertThat(warned.getFromState()).isEqualTo(QuotaState.OPEN);
    }

    @Test
    void isNotExhaustedWhileNobodyAsks() {
        LedgerWorld world = LedgerWorld.hard(16 * KIB);
        world.reporter("r1", 1).want(1).send();
        assertThat(world.totals().chargeBytes()).isEqualTo(16 * KIB);
        assertThat(world.isExhausted()).isFalse();
    }

    @Test
    void aRemainderTooSmallToCarryACallDoesNotReopenAnExhaustedQuota() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.exhaust("r1");
        world.setHard(5 * MIB + 700);
        world.pass(Duration.ofSeconds(1));
        Reporter other = world.reporter("r2", 1).want(1);
        other.send();
        assertThat(world.isExhausted()).isTrue();
        assertThat(other.accept().cap).isZero();
        assertThat(node.accept().cap).isEqualTo(5 * MIB);
    }

    @Test
    void aRaisedVolumeServesAtOnceThoseWhoWant() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.exhaust("r1");
        int published = world.grants.size();
        world.setHard(10 * MIB);
        assertThat(world.grants).hasSizeGreaterThan(published);
        assertThat(world.lastGrant().getNodeId()).isEqualTo("r1");
        assertThat(world.lastGrant().getGrantBytes()).isGreaterThan(node.cap);
        assertThat(world.lastGrant().getState()).isNotEqualTo(QuotaState.EXHAUSTED);
        assertThat(world.lastGrant().getPolicyEpoch()).isEqualTo(2);
    }

    @Test
    void rule11LoweringTheVolumeNeverLowersAGrant() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).want(1);
        for (int i = 0; i < 6; i++) {
            node.send();
            node.accept().draw(node.cap - node.drawn);
        }
        node.send();
        long granted = node.accept().cap;
        world.setHard(100 * KIB);
        assertThat(world.totals().grantBytes()).isEqualTo(granted);
        assertThat(world.lastGrant().getRecall()).as("but what is not needed is asked for").isTrue();
        assertThat(world.lastGrant().getGrantBytes()).isEqualTo(granted);
        node.accept().draw(node.cap - node.drawn).want(1).send();
        assertThat(world.totals().chargeBytes()).as("and nothing is added").isEqualTo(granted);
        assertThat(world.isExhausted()).isTrue();
        assertThat(world.summary().overshootBoundBytes()).hasValue(granted - 100 * KIB);
    }

    @Test
    void usageUnderOffCountsInALaterHardQuota() {
        LedgerWorld world = new LedgerWorld();
        Reporter node = world.reporter("r1", 1);
        node.periodId = "2026-11";
        node.cap = Long.MAX_VALUE;
        node.draw(4 * MIB).send();
        assertThat(world.lastGrant().getMode()).isEqualTo(QuotaMode.OFF);
        assertThat(world.lastGrant().getDrawnBytes()).isEqualTo(4 * MIB);
        world.setHard(5 * MIB);
        node.cap = node.drawn;
        for (int i = 0; i < 1000 && !world.isExhausted(); i++) {
            node.want(1).send();
            node.accept().draw(Math.max(0, node.cap - node.drawn));
        }
        assertThat(node.drawn).isEqualTo(5 * MIB);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void usageBeyondTheNewVolumeStopsAtOnce() {
        LedgerWorld world = new LedgerWorld();
        Reporter node = world.reporter("r1", 1);
        node.periodId = "2026-11";
        node.draw(9 * MIB).send();
        world.setHard(5 * MIB);
        node.cap = node.drawn;
        node.want(1).send();
        assertThat(world.lastGrant().getState()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(world.lastGrant().getGrantBytes()).isZero();
    }

    @Test
    void summaryTellsWhatDeadProcessesHoldAsUncertain() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter dead = world.served("r1");
        dead.draw(6 * KIB).want(0).send();
        assertThat(world.summary().uncertainBytes()).isZero();
        world.pass(Duration.ofSeconds(16));
        QuotaSummary summary = world.summary();
        assertThat(summary.uncertainBytes()).isEqualTo(10 * KIB);
        assertThat(summary.usedBytes()).isEqualTo(6 * KIB);
        assertThat(summary.grantedBytes()).isEqualTo(16 * KIB);
        assertThat(summary.remainingBytes()).hasValue(5 * MIB - 6 * KIB);
        assertThat(summary.overshootBoundBytes()).hasValue(0);
        assertThat(summary.state()).isEqualTo(QuotaState.OPEN);
    }

    @Test
    void summaryOfATenantThatTheLedgerNeverMetIsThatOfItsPolicy() {
        LedgerWorld world = new LedgerWorld();
        QuotaSummary summary = world.summary();
        assertThat(summary.mode()).isEqualTo(QuotaMode.OFF);
        assertThat(summary.usedBytes()).isZero();
        assertThat(summary.remainingBytes()).isEmpty();
        assertThat(summary.overshootBoundBytes()).as("nothing bounds it").isEmpty();
        assertThat(summary.period().id()).isEqualTo("2026-11");
    }
}
