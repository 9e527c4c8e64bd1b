package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.policy;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.event.QuotaAccountState;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the modes of a quota mean on a node. */
class ModesTest {
    private static final Admission EXHAUSTED = new Admission.Refused(Admission.Reason.EXHAUSTED);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static QuotaBench bench(QuotaMode mode) {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.table.applyPolicy(TENANT, policy(5, mode, 1_000_000));
        return bench;
    }

    /** A grant of another node, which says where the whole quota stands. */
    private static QuotaGrant elsewhere(QuotaBench bench, long policyEpoch, boolean exhausted) {
        QuotaPeriod november = bench.month("2026-11-01");
        return new QuotaGrant(TENANT, "", november.id(), november.start(), november.end(), "n2", 1, 1, policyEpoch, 1,
                0, exhausted, false, false, 0, false);
    }

    @Test
    void softRefusesNewAllocationsWhileTheLedgerSaysThatTheVolumeIsUsed() {
        QuotaBench bench = bench(QuotaMode.SOFT);
        Allowance live = bench.allowance(0);
        bench.table.applyGrant(elsewhere(bench, 5, true));
        assertThat(bench.admit(0)).containsExactly(EXHAUSTED);
        assertThat(bench.admit(1)).containsExactly(EXHAUSTED);
        assertThat(live.debit(10_000_000, CLIENT_TO_PEER)).as("what lives goes on").isTrue();
        bench.pass(SECOND);
        assertThat(bench.last().rejectedAllocations()).isEqualTo(2);
        assertThat(bench.last().billableBytes()).isEqualTo(10_000_000);
        bench.table.applyGrant(elsewhere(bench, 5, false));
        assertThat(bench.admit(0)).first().isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void softOpensWithANewPolicyUntilTheLedgerSaysOtherwise() {
        QuotaBench bench = bench(QuotaMode.SOFT);
        bench.table.applyGrant(elsewhere(bench, 5, true));
        bench.table.applyPolicy(TENANT, policy(6, QuotaMode.SOFT, 2_000_000));
        assertThat(bench.admit(0)).first().isInstanceOf(Admission.Admitted.class);
        bench.table.applyGrant(elsewhere(bench, 5, true));
        assertThat(bench.admit(0)).as("said of the policy before").first().isInstanceOf(Admission.Admitted.class);
        bench.table.applyGrant(elsewhere(bench, 6, true));
        assertThat(bench.admit(0)).containsExactly(EXHAUSTED);
    }

    @Test
    void softKnowsTheStateThoughTheGrantOvertookThePolicy() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 1);
        bench.table.applyGrant(elsewhere(bench, 5, true));
        assertThat(bench.admit(0)).first().isInstanceOf(Admission.Admitted.class);
        bench.table.applyPolicy(TENANT, policy(5, QuotaMode.SOFT, 1_000_000));
        assertThat(bench.admit(0)).containsExactly(EXHAUSTED);
    }

    @Test
    void softOpensWithTheNextPeriod() {
        QuotaBench bench = bench(QuotaMode.SOFT);
        bench.table.applyGrant(elsewhere(bench, 5, true));
        bench.wallIs(Instant.parse("2026-12-01T00:00:00Z"));
        assertThat(bench.admit(0)).first().isInstanceOf(Admission.Admitted.class);
        bench.table.applyGrant(elsewhere(bench, 5, true));
        assertThat(bench.admit(0)).as("said of November").first().isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void softWithoutAnyVolumeAdmitsNobody() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 1);
        bench.table.applyPolicy(TENANT, policy(5, QuotaMode.SOFT, 0));
        assertThat(bench.admit(0)).containsExactly(EXHAUSTED);
    }

    @ParameterizedTest
    @EnumSource(value = QuotaMode.class, names = {"OFF", "SHADOW"})
    void offAndShadowRefuseNothing(QuotaMode mode) {
        QuotaBench bench = bench(mode);
        bench.table.applyGrant(elsewhere(bench, 5, true));
        assertThat(bench.allowance(0).debit(10_000_000, CLIENT_TO_PEER)).isTrue();
        bench.pass(SECOND);
        assertThat(bench.last().rejectedAllocations()).isZero();
        assertThat(bench.lastAccount().spentBytes()).isEqualTo(10_000_000);
    }

    @ParameterizedTest
    @EnumSource(value = QuotaMode.class, names = {"OFF", "SHADOW", "SOFT"})
    void rule12HoldsLiveAllocationsToGrantsOnceTheModeIsHard(QuotaMode before) {
        QuotaBench bench = bench(before);
        Allowance allowance = bench.allowance(0);
        assertThat(allowance.debit(5_000, CLIENT_TO_PEER)).isTrue();
        bench.table.applyPolicy(TENANT, policy(6, QuotaMode.HARD, 1_000_000));
        assertThat(allowance.debit(1, CLIENT_TO_PEER)).isFalse();
        bench.run();
        assertThat(bench.last().policyEpochSeen()).isEqualTo(6);
        bench.granted(1, 7_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(2_000);
    }

    @Test
    void anotherLengthOfThePeriodCountsAtOnceWhereNothingIsGranted() {
        QuotaBench bench = bench(QuotaMode.OFF);
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        bench.table.applyPolicy(TENANT, daily(6, QuotaMode.SHADOW));
        bench.runLoops();
        allowance.debit(300, CLIENT_TO_PEER);
        bench.pass(SECOND);
        assertThat(figures(bench)).containsExactly(Tuple.tuple("2026-11", 5_000L, false),
                Tuple.tuple("2026-11-22", 300L, false));
    }

    @Test
    void comesBackToThePeriodThatItLeftAndCountsOn() {
        QuotaBench bench = bench(QuotaMode.OFF);
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000, CLIENT_TO_PEER);
        bench.table.applyPolicy(TENANT, daily(6, QuotaMode.SHADOW));
        allowance.debit(300, CLIENT_TO_PEER);
        bench.table.applyPolicy(TENANT, policy(7, QuotaMode.HARD, 1_000_000));
        bench.run();
        bench.granted(1, 8_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(3_000);
        bench.pass(SECOND);
        assertThat(figures(bench)).containsExactly(Tuple.tuple("2026-11-22", 300L, false),
                Tuple.tuple("2026-11", 8_000L, false));
    }

    @Test
    void closesWhatItHasLeftWhenThePeriodIsOverAndAtTheEnd() {
        QuotaBench bench = bench(QuotaMode.OFF);
        bench.allowance(0).debit(5_000, CLIENT_TO_PEER);
        bench.table.applyPolicy(TENANT, daily(6, QuotaMode.SHADOW));
        bench.wallIs(Instant.parse("2026-12-01T00:00:01Z"));
        bench.pass(SECOND);
        assertThat(figures(bench)).contains(Tuple.tuple("2026-11", 5_000L, true));

        QuotaBench ending = bench(QuotaMode.OFF);
        ending.allowance(0).debit(5_000, CLIENT_TO_PEER);
        ending.table.applyPolicy(TENANT, daily(6, QuotaMode.SHADOW));
        ending.table.beginClose();
        ending.run();
        assertThat(figures(ending)).contains(Tuple.tuple("2026-11", 5_000L, true));
    }

    private static List<Tuple> figures(QuotaBench bench) {
        return bench.last().accounts().stream().map(ModesTest::figuresOf).toList();
    }

    private static Tuple figuresOf(QuotaAccountState account) {
        return Tuple.tuple(account.periodId(), account.spentBytes(), account.finalReport());
    }

    private static QuotaPolicy daily(long epoch, QuotaMode mode) {
        return new QuotaPolicy(epoch, mode, PeriodKind.DAY, ZoneOffset.UTC, OptionalLong.of(1_000_000),
                OnControlLoss.STOP);
    }
}
