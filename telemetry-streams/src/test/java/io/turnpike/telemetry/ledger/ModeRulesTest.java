package io.turnpike.telemetry.ledger;

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
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the modes of a quota ask of the ledger: SHADOW and SOFT follow the state by use, and nothing is granted. */
class ModeRulesTest {
    private static final String NOVEMBER = "2026-11";

    private static LedgerWorld world(QuotaMode mode) {
        LedgerWorld world = new LedgerWorld();
        world.setMode(mode, 5 * MIB);
        return world;
    }

    private static List<QuotaState> transitions(LedgerWorld world) {
        return world.audits.stream().filter(audit -> audit.getKind() == AuditKind.STATE_CHANGED)
                .map(QuotaAudit::getToState).toList();
    }

    @ParameterizedTest
    @EnumSource(value = QuotaMode.class, names = {"SHADOW", "SOFT"})
    void followsTheStateByWhatWasSpentAndAuditsEachTransitionOnce(QuotaMode mode) {
        LedgerWorld world = world(mode);
        Reporter node = world.reporter("r1", 1);
        node.forward(NOVEMBER, 3 * MIB).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.OPEN);
        node.forward(NOVEMBER, MIB).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.WARN);
        node.forward(NOVEMBER, MIB - 1).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.WARN);
        node.forward(NOVEMBER, 1).send();
        node.forward(NOVEMBER, 5 * MIB).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(transitions(world)).containsExactly(QuotaState.WARN, QuotaState.EXHAUSTED);
        assertThat(world.audits.get(world.audits.size() - 1).getReason()).contains(mode + " lets data pass");
        assertThat(world.totals().grantBytes()).as("nothing is granted").isZero();
    }

    @ParameterizedTest
    @EnumSource(value = QuotaMode.class, names = {"SHADOW", "SOFT"})
    void tellsTheNodesOfEachTransition(QuotaMode mode) {
        LedgerWorld world = world(mode);
        Reporter node = world.reporter("r1", 1);
        node.forward(NOVEMBER, 4 * MIB).send();
        assertThat(world.lastGrant().getState()).isEqualTo(QuotaState.WARN);
        int published = world.grants.size();
        node.forward(NOVEMBER, 100).send();
        assertThat(world.grants).as("nothing new, nothing said").hasSize(published);
        node.forward(NOVEMBER, MIB).send();
        assertThat(world.grants).hasSize(published + 1);
        assertThat(world.lastGrant()).extracting(QuotaGrant::getState, QuotaGrant::getMode, QuotaGrant::getGrantBytes)
                .containsExactly(QuotaState.EXHAUSTED, mode, 0L);
    }

    @Test
    void saysWhereTheQuotaStandsUnderEachNewPolicy() {
        LedgerWorld world = world(QuotaMode.SOFT);
        world.reporter("r1", 1).forward(NOVEMBER, 6 * MIB).send();
        world.setMode(QuotaMode.SOFT, 5 * MIB + 1);
        assertThat(world.lastGrant()).extracting(QuotaGrant::getState, QuotaGrant::getPolicyEpoch)
                .as("not raised enough").containsExactly(QuotaState.EXHAUSTED, 2L);
        world.setMode(QuotaMode.SOFT, 10 * MIB);
        assertThat(world.lastGrant()).extracting(QuotaGrant::getState, QuotaGrant::getPolicyEpoch)
                .containsExactly(QuotaState.OPEN, 3L);
        assertThat(transitions(world)).last().isEqualTo(QuotaState.OPEN);
    }

    @Test
    void usageUnderOffCountsAtOnceInAShadowQuota() {
        LedgerWorld world = new LedgerWorld();
        world.reporter("r1", 1).forward(NOVEMBER, 6 * MIB).send();
        world.setMode(QuotaMode.SHADOW, 5 * MIB);
        assertThat(world.quota().state()).isEqualTo(QuotaState.EXHAUSTED);
        world.setMode(QuotaMode.OFF, 5 * MIB);
        assertThat(world.quota().state()).isEqualTo(QuotaState.OPEN);
    }

    @Test
    void theNextPeriodOpensAWatchedQuota() {
        LedgerWorld world = world(QuotaMode.SOFT);
        world.reporter("r1", 1).forward(NOVEMBER, 6 * MIB).send();
        world.now = Instant.parse("2026-12-01T00:00:00Z");
        world.tick();
        assertThat(world.quota().state()).isEqualTo(QuotaState.OPEN);
        assertThat(world.quota().period().id()).isEqualTo("2026-12");
    }

    @Test
    void aFailoverKeepsTheStateAndAuditsNothingTwice() {
        LedgerWorld world = world(QuotaMode.SOFT);
        Reporter node = world.reporter("r1", 1);
        node.forward(NOVEMBER, 6 * MIB).send();
        int audited = world.audits.size();
        world.restart();
        node.forward(NOVEMBER, MIB).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(world.audits).hasSize(audited);
    }

    @ParameterizedTest
    @EnumSource(value = QuotaMode.class, names = {"OFF", "SHADOW", "SOFT"})
    void rule12ArmsFromEveryModeThatEnforcesNothing(QuotaMode before) {
        LedgerWorld world = world(before);
        Reporter node = world.reporter("r1", 1);
        node.forward(NOVEMBER, MIB).send();
        assertThat(world.summary().arming()).isFalse();
        world.setMode(QuotaMode.HARD, 5 * MIB);
        assertThat(world.summary().arming()).as("nobody can know yet").isTrue();
        world.pass(Duration.ofSeconds(6));
        node.forward(NOVEMBER, 100).want(1).sendWithPolicy(1);
        assertThat(world.summary().arming()).isTrue();
        assertThat(world.totals().grantBytes()).as("it would not be held to a grant").isZero();
        node.send();
        assertThat(world.summary().arming()).isFalse();
        assertThat(world.totals().chargeBytes()).isGreaterThan(MIB).isLessThanOrEqualTo(5 * MIB);
    }

    @Test
    void aModeThatThisVersionDoesNotKnowIsEnforced() {
        LedgerWorld world = world(QuotaMode.UNKNOWN);
        Reporter node = world.reporter("r1", 1).want(1);
        for (int i = 0; i < 10_000 && world.quota().state() != QuotaState.EXHAUSTED; i++) {
            node.send();
            node.accept().draw(node.cap - node.drawn);
        }
        assertThat(node.drawn).isEqualTo(5 * MIB);
        assertThat(world.summary().overshootBoundBytes()).hasValue(0);
    }

    @Test
    void anotherLengthAppliesAtOnceWhereNothingIsGrantedAndChargesAreFoundAgain() {
        LedgerWorld world = world(QuotaMode.HARD);
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        long charged = world.totals().chargeBytes();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.SOFT, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        assertThat(world.quota().period().id()).isEqualTo("2026-11-22");
        world.setMode(QuotaMode.HARD, 5 * MIB);
        assertThat(world.quota().period().id()).isEqualTo(NOVEMBER);
        assertThat(world.totals().chargeBytes()).isEqualTo(charged);
    }

    @Test
    void summaryOfASoftQuotaBoundsNothingAndSaysWhatTheFeedbackCosts() {
        LedgerWorld world = world(QuotaMode.SOFT);
        Reporter node = world.reporter("r1", 1).forward(NOVEMBER, 6 * MIB);
        node.rate = 1_000_000;
        node.send();
        QuotaSummary summary = world.summary();
        assertThat(summary.overshootBoundBytes()).isEmpty();
        assertThat(summary.feedbackOvershootBytes()).hasValue(3_000_000);
        assertThat(summary.remainingBytes()).hasValue(0);
        world.setMode(QuotaMode.SHADOW, 5 * MIB);
        assertThat(world.summary().feedbackOvershootBytes()).isEmpty();
    }
}
