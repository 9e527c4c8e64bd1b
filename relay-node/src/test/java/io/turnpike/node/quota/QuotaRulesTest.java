package io.turnpike.node.quota;

import static io.turnpike.node.quota.QuotaBench.HARD;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.grant;
import static io.turnpike.node.quota.QuotaBench.policy;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.QuotaAccountState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import io.turnpike.contract.QuotaPeriod;
import java.time.ZoneOffset;
import java.util.OptionalLong;

/** The rules of QUOTA.md that a node obeys, by number. */
class QuotaRulesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final QuotaPeriod DAY = PeriodKind.DAY.at(QuotaBench.START, 0, ZoneOffset.UTC);

    @Test
    void rule1IgnoresGrantsThatAreNotStrictlyNewer() {
        QuotaBench bench = QuotaBench.hardWith(10_000);
        Allowance allowance = bench.allowance(0);
        bench.granted(1, 50_000);
        bench.granted(0, 50_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(10_000);
    }

    @Test
    void rule1NamesTheNewestGrantWhenItReturnsCredit() {
        QuotaBench bench = QuotaBench.hardWith(10_000);
        bench.allowance(0);
        bench.granted(2, 20_000);
        bench.pass(Duration.ofSeconds(11));
        assertThat(bench.lastAccount()).extracting(QuotaAccountState::grantSeq, QuotaAccountState::capBytes)
                .containsExactly(2L, 0L);
    }

    @Test
    void rule1DoesNotRaiseACutCapByTheGrantItGaveUp() {
        QuotaBench bench = QuotaBench.hardWith(10_000);
        Allowance allowance = bench.allowance(0);
        bench.pass(Duration.ofSeconds(11));
        bench.granted(1, 10_000);
        assertThat(allowance.debit(1)).isFalse();
    }

    @Test
    void rule2NeverCutsBelowWhatLoopsHaveDrawn() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        Allowance allowance = bench.allowance(0);
        assertThat(allowance.debit(1000)).isTrue();
        bench.pass(SECOND);
        long drawn = bench.lastAccount().drawnBytes();
        bench.granted(2, 1);
        bench.pass(SECOND);
        assertThat(bench.lastAccount().capBytes()).isEqualTo(drawn);
        assertThat(bench.lastAccount().drawnBytes()).isEqualTo(drawn);
    }

    @Test
    void rule2KeepsReturnedSlicesDrawnAndSpendsThemFirst() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        Allowance first = bench.allowance(0);
        first.debit(1000);
        bench.pass(SECOND);
        long drawn = bench.lastAccount().drawnBytes();
        assertThat(drawn).isGreaterThan(1000);
        first.close();
        Allowance second = bench.allowance(1);
        second.debit((int) (drawn - 1000));
        bench.pass(SECOND);
        assertThat(bench.lastAccount().drawnBytes()).isEqualTo(drawn);
        assertThat(bench.lastAccount().spentBytes()).isEqualTo(drawn);
    }

    @Test
    void rule2LetsNobodyDrawAfterThePeriodEvenBeforeTheReportThreadSeesItsEnd() {
        QuotaBench bench = QuotaBench.hardWith(1_000_000);
        Allowance allowance = bench.allowance(0);
        bench.wallIs(Instant.parse("2026-12-01T00:00:00Z"));
        assertThat(allowance.debit(1000)).isFalse();
    }

    @Test
    void rule4FinalReportsRepeatUntilTheyAreAcknowledged() {
        QuotaBench bench = QuotaBench.hardWith(10_000);
        Allowance allowance = bench.allowance(0);
        allowance.debit(500);
        allowance.close();
        bench.table.beginClose();
        bench.run();
        int first = bench.reports.size();
        assertThat(bench.lastAccount().finalReport()).isTrue();
        assertThat(bench.lastAccount().capBytes()).isEqualTo(bench.lastAccount().drawnBytes());
        bench.pass(Duration.ofSeconds(3));
        assertThat(bench.reports.size()).isEqualTo(first + 3);
        assertThat(bench.table.isSettled()).isFalse();
        bench.table.applyGrant(grant(2, 500, bench.month("2026-11-01"), false, false, true));
        assertThat(bench.table.isSettled()).isTrue();
    }

    @Test
    void rule4AcceptsNoGrantAfterTheFinalReport() {
        QuotaBench bench = QuotaBench.hardWith(10_000);
        Allowance allowance = bench.allowance(0);
        bench.table.beginClose();
        bench.granted(2, 90_000);
        assertThat(allowance.debit(1)).isFalse();
        assertThat(bench.table.isSettled()).isFalse();
    }

    @Test
    void rule4ClosesAnAccountThatWasAskedForButNeverSeen() {
        QuotaBench bench = QuotaBench.hard();
        bench.admit(0);
        bench.run();
        bench.table.beginClose();
        bench.run();
        assertThat(bench.lastAccount()).extracting(QuotaAccountState::periodId, QuotaAccountState::finalReport)
                .containsExactly("2026-11", true);
    }

    @Test
    void rule5AsksTheLedgerOnFirstContactAndRefusesWhenItDoesNotAnswer() {
        QuotaBench bench = QuotaBench.hard();
        List<Admission> answers = bench.admit(0);
        bench.run();
        assertThat(answers).isEmpty();
        assertThat(bench.lastAccount().periodId()).isEmpty();
        assertThat(bench.lastAccount().wantBytes()).isPositive();
        bench.pass(Duration.ofMillis(300));
        assertThat(answers).isEmpty();
        bench.pass(Duration.ofMillis(100));
        assertThat(answers).containsExactly(new Admission.Refused(Admission.Reason.NO_GRANT));
        bench.pass(SECOND);
        assertThat(bench.reports.stream().mapToLong(report -> report.rejectedAllocations()).max()).hasValue(1);
    }

    @Test
    void rule5AdmitsOnTheAskingLoopWhenTheFirstGrantComes() {
        QuotaBench bench = QuotaBench.hard();
        List<Admission> answers = bench.admit(1);
        bench.run();
        bench.table.applyGrant(bench.grant(1, 16_384));
        assertThat(answers).as("answered on the loop, not on the consumer's thread").isEmpty();
        bench.runLoops();
        assertThat(answers).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void rule5RefusesAtOnceWhenTheLedgerSaysThatNothingIsLeft() {
        QuotaBench bench = QuotaBench.hard();
        List<Admission> answers = bench.admit(0);
        bench.run();
        bench.table.applyGrant(grant(1, 0, bench.month("2026-11-01"), true, false, false));
        bench.runLoops();
        assertThat(answers).containsExactly(new Admission.Refused(Admission.Reason.EXHAUSTED));
        assertThat(bench.admit(0)).containsExactly(new Admission.Refused(Admission.Reason.EXHAUSTED));
    }

    @Test
    void rule6TakesGrantsOfItsOwnProcessOnly() {
        QuotaBench bench = QuotaBench.hardWith(1_500);
        Allowance allowance = bench.allowance(0);
        QuotaGrant own = bench.grant(9, 90_000);
        bench.table.applyGrant(forProcess(own, "n2", NODE.epoch(), NODE.processNonce()));
        bench.table.applyGrant(forProcess(own, "n1", NODE.epoch() - 1, NODE.processNonce()));
        bench.table.applyGrant(forProcess(own, "n1", NODE.epoch(), NODE.processNonce() - 1));
        assertThat(spendAll(allowance, 100)).isEqualTo(1_500);
        assertThat(bench.table.isFenced()).isFalse();
    }

    @Test
    void rule6FencesItselfWhenALaterProcessHasItsName() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        Allowance allowance = bench.allowance(0);
        assertThat(allowance.debit(100)).isTrue();
        bench.table.applyGrant(forProcess(bench.grant(1, 1), "n1", NODE.epoch() + 1, 5));
        assertThat(allowance.debit(100)).isFalse();
        assertThat(bench.table.isFenced()).isTrue();
        assertThat(bench.admit(0)).containsExactly(new Admission.Refused(Admission.Reason.FENCED));
    }

    @Test
    void rule5AnswersEachWhoWaitsInTimeAndNotOnlyTheFirst() {
        QuotaBench bench = QuotaBench.hard();
        List<Admission> first = bench.admit(0);
        bench.run();
        bench.pass(Duration.ofMillis(100));
        List<Admission> second = bench.admit(1);
        bench.run();
        bench.pass(Duration.ofMillis(300));
        assertThat(first).hasSize(1);
        assertThat(Duration.ofNanos(bench.table.runDue())).isLessThanOrEqualTo(Duration.ofMillis(100));
        bench.pass(Duration.ofMillis(100));
        assertThat(second).containsExactly(new Admission.Refused(Admission.Reason.NO_GRANT));
    }

    @Test
    void rule5LetsNoRecallTakeWhatAnAllocateWaitsFor() {
        QuotaBench bench = QuotaBench.hard();
        List<Admission> answers = bench.admit(0);
        bench.run();
        bench.table.applyGrant(grant(1, 16_384, bench.month("2026-11-01"), false, true, false));
        bench.runLoops();
        assertThat(answers).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void rule6SpendsNoSliceUnderALaterHardQuotaIfItWasFencedUnderOff() {
        QuotaBench bench = QuotaBench.hardWith(1_000_000);
        Allowance allowance = bench.allowance(0);
        assertThat(allowance.debit(100)).isTrue();
        bench.table.applyPolicy(TENANT, policy(HARD.policyEpoch() + 1, QuotaMode.OFF, 1));
        bench.run();
        bench.table.applyGrant(forProcess(bench.grant(1, 1), "n1", NODE.epoch() + 1, 5));
        bench.table.applyPolicy(TENANT, policy(HARD.policyEpoch() + 2, QuotaMode.HARD, 1_000_000));
        bench.run();
        assertThat(allowance.debit(100)).isFalse();
    }

    @Test
    void rule10BooksUseUnderOffToAPeriodThoughAGrantWasAskedForBefore() {
        QuotaBench bench = QuotaBench.hard();
        bench.admit(0);
        bench.run();
        bench.table.applyPolicy(TENANT, policy(HARD.policyEpoch() + 1, QuotaMode.OFF, 1));
        bench.run();
        bench.allowance(1).debit(5_000);
        bench.pass(SECOND);
        assertThat(bench.lastAccount()).extracting(QuotaAccountState::periodId, QuotaAccountState::drawnBytes)
                .containsExactly("2026-11", 5_000L);
    }

    @Test
    void rule12SaysItFollowsAPolicyOnlyWhenEveryLoopDoes() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.table.applyPolicy(TENANT, policy(4, QuotaMode.OFF, 1));
        Allowance allowance = bench.allowance(0);
        allowance.debit(100);
        bench.pass(SECOND);
        bench.table.applyPolicy(TENANT, HARD);
        bench.table.runDue();
        assertThat(bench.last().policyEpochSeen()).isEqualTo(4);
        assertThat(allowance.debit(1)).as("follows the policy without waiting").isFalse();
        bench.runLoops();
        bench.table.runDue();
        assertThat(bench.last().policyEpochSeen()).isEqualTo(HARD.policyEpoch());
    }

    @Test
    void rule12BooksWhatWasForwardedUnderOffBeforeAGrantIsSpent() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000);
        bench.pass(SECOND);
        assertThat(bench.lastAccount()).extracting(QuotaAccountState::periodId, QuotaAccountState::drawnBytes,
                QuotaAccountState::spentBytes, QuotaAccountState::wantBytes)
                .containsExactly("2026-11", 5_000L, 5_000L, 0L);
        allowance.debit(1_000);
        bench.table.applyPolicy(TENANT, HARD);
        bench.granted(1, 8_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(2_000);
    }

    @Test
    void rule14SpendsANewPeriodsGrantOnlyFromItsStart() {
        QuotaBench bench = QuotaBench.hardWith(3_000);
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        Allowance allowance = bench.allowance(0);
        bench.table.applyGrant(grant(1, 7_000, bench.month("2026-12-01"), false, false, false));
        assertThat(spendAll(allowance, 100)).isEqualTo(3_000);
        bench.pass(Duration.ofSeconds(3));
        assertThat(spendAll(allowance, 100)).isEqualTo(7_000);
        bench.pass(SECOND);
        assertThat(bench.last().accounts()).extracting(QuotaAccountState::periodId, QuotaAccountState::finalReport)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("2026-11", true),
                        org.assertj.core.groups.Tuple.tuple("2026-12", false));
    }

    @Test
    void rule14SpendsAnEarlyGrantThoughTheOldPeriodsNeverCame() {
        QuotaBench bench = QuotaBench.hard();
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        bench.admit(0);
        bench.run();
        bench.table.applyGrant(grant(1, 7_000, bench.month("2026-12-01"), false, false, false));
        bench.pass(Duration.ofSeconds(3));
        assertThat(spendAll(bench.allowance(1), 100)).isEqualTo(7_000);
        bench.pass(SECOND);
        assertThat(bench.last().accounts()).extracting(QuotaAccountState::finalReport).containsExactly(false);
    }

    @Test
    void rule14DropsSlicesOfTheOldPeriod() {
        QuotaBench bench = QuotaBench.hardWith(1_000_000);
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        Allowance allowance = bench.allowance(0);
        allowance.debit(100);
        bench.pass(Duration.ofSeconds(3));
        assertThat(allowance.debit(100)).as("nothing is granted for the new period").isFalse();
    }

    @Test
    void rule14NeverGoesBackToAnEarlierPeriod() {
        QuotaBench bench = QuotaBench.hardWith(3_000);
        Allowance allowance = bench.allowance(0);
        bench.table.applyGrant(grant(9, 90_000, bench.month("2026-10-01"), false, false, false));
        assertThat(spendAll(allowance, 100)).isEqualTo(3_000);
    }

    @Test
    void rule14TakesThePeriodOfANewerPolicyThoughItBeganBeforeTheDay() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.table.applyPolicy(TENANT, daily(4, QuotaMode.OFF));
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000);
        bench.pass(SECOND);
        bench.table.applyGrant(ofPolicy(4, 1, 5_000, DAY, false)); // the ledger notes the use of an unlimited tenant
        bench.table.applyPolicy(TENANT, HARD);
        bench.run();
        bench.table.applyGrant(ofPolicy(HARD.policyEpoch(), 2, 5_000, DAY, false));
        bench.table.applyGrant(ofPolicy(HARD.policyEpoch(), 1, 8_000, bench.month("2026-11-01"), false));
        assertThat(spendAll(allowance, 100)).isEqualTo(8_000);
        bench.pass(SECOND);
        assertThat(bench.last().accounts()).extracting(QuotaAccountState::periodId, QuotaAccountState::finalReport)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("2026-11-22", true),
                        org.assertj.core.groups.Tuple.tuple("2026-11", false));
    }

    @Test
    void rule14TakesThePeriodOfTheDefaultPolicyWhenTheTenantsOwnIsRemoved() {
        QuotaBench bench = new QuotaBench(policy(0, QuotaMode.HARD, 1_000_000), 1);
        bench.table.applyPolicy(TENANT, daily(4, QuotaMode.OFF));
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000);
        bench.pass(SECOND);
        bench.table.applyGrant(ofPolicy(4, 1, 5_000, DAY, false));
        bench.table.removePolicy(TENANT);
        bench.table.applyGrant(ofPolicy(0, 1, 8_000, bench.month("2026-11-01"), false));
        assertThat(spendAll(allowance, 100)).isEqualTo(8_000);
    }

    @Test
    void rule14DoesNotLeaveANewerPolicysPeriodForAnOlderOnes() {
        QuotaBench bench = QuotaBench.hardWith(3_000);
        Allowance allowance = bench.allowance(0);
        bench.table.applyGrant(ofPolicy(HARD.policyEpoch() - 1, 9, 90_000, new QuotaPeriod("2026-10-31",
                Instant.parse("2026-10-31T00:00:00Z"), Instant.parse("2026-12-31T00:00:00Z")), false));
        assertThat(spendAll(allowance, 100)).isEqualTo(3_000);
    }

    @Test
    void rule4DoesNotReopenAClosedAccountWhenItsGrantsAreReadAgain() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 1);
        bench.table.applyPolicy(TENANT, HARD);
        QuotaGrant old = ofPolicy(HARD.policyEpoch(), 1, 8_000, bench.month("2026-11-01"), false);
        bench.table.applyGrant(old);
        Allowance allowance = bench.allowance(0);
        assertThat(spendAll(allowance, 100)).isEqualTo(8_000);
        bench.table.applyPolicy(TENANT, daily(6, QuotaMode.HARD));
        bench.table.applyGrant(ofPolicy(6, 1, 0, DAY, false));
        bench.table.applyGrant(ofPolicy(6, 2, 8_000, bench.month("2026-11-01"), true));
        bench.table.applyPolicy(TENANT, policy(7, QuotaMode.HARD, 1_000_000));
        bench.table.applyGrant(ofPolicy(7, 1, 8_000, bench.month("2026-11-01"), false));
        assertThat(allowance.debit(100)).isFalse();
    }

    @Test
    void rule17ReportsEachSecondWhileItHoldsCredit() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        int before = bench.reports.size();
        bench.pass(Duration.ofSeconds(5));
        assertThat(bench.reports.size() - before).isEqualTo(5);
    }

    @Test
    void rule17ReturnsEverythingAfterTenIdleSecondsAndRepeatsItUntilTheLedgerKnows() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        bench.pass(Duration.ofSeconds(11));
        assertThat(bench.lastAccount().capBytes()).isZero();
        int before = bench.reports.size();
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.reports.size() - before).isEqualTo(2);
        bench.granted(2, 0);
        before = bench.reports.size();
        bench.pass(Duration.ofSeconds(5));
        assertThat(bench.reports.size()).isEqualTo(before);
    }

    @Test
    void rule17KeepsWhatWasFetchedForANewAllocationUntilItHasHadTimeToSpend() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        bench.pass(Duration.ofSeconds(30));
        bench.granted(2, 0);
        List<Admission> answers = bench.admit(0);
        bench.granted(3, 100_000);
        Allowance allowance = ((Admission.Admitted) answers.get(0)).allowance();
        bench.pass(Duration.ofSeconds(5));
        assertThat(allowance.debit(1_000)).as("the first packet after a client's connectivity checks").isTrue();
        bench.pass(Duration.ofSeconds(12));
        assertThat(bench.lastAccount().capBytes()).as("idle again").isLessThan(10_000);
    }

    @Test
    void asksForMoreAtOnceWhenCreditRunsLow() {
        QuotaBench bench = QuotaBench.hardWith(2_000_000);
        Allowance allowance = bench.allowance(0);
        bench.pass(SECOND);
        int before = bench.reports.size();
        for (int i = 0; i < 1_700; i++) {
            assertThat(allowance.debit(1_000)).isTrue();
        }
        bench.table.runDue();
        assertThat(bench.reports.size()).isEqualTo(before + 1);
        assertThat(bench.lastAccount().wantBytes()).isPositive();
    }

    @Test
    void aRaisedQuotaRevivesAnAllocationWithoutAnotherRequest() {
        QuotaBench bench = QuotaBench.hardWith(2_000);
        Allowance allowance = bench.allowance(0);
        spendAll(allowance, 100);
        bench.table.applyGrant(grant(2, 2_000, bench.month("2026-11-01"), true, false, false));
        bench.pass(Duration.ofSeconds(3));
        assertThat(allowance.debit(100)).isFalse();
        bench.pass(SECOND);
        assertThat(bench.lastAccount().wantBytes()).as("goes on asking").isPositive();
        bench.granted(3, 4_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(2_000);
    }

    @Test
    void aRefusedSendGivesItsDebitBack() {
        QuotaBench bench = QuotaBench.hardWith(1_500);
        Allowance allowance = bench.allowance(0);
        assertThat(allowance.debit(1_500)).isTrue();
        allowance.refund(1_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(1_000);
    }

    @Test
    void aRefusedSendOfTheOldPeriodMakesNoCreditInTheNewOne() {
        QuotaBench bench = QuotaBench.hardWith(3_000);
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        Allowance allowance = bench.allowance(0);
        allowance.debit(1_000);
        bench.table.applyGrant(grant(1, 2_000, bench.month("2026-12-01"), false, false, false));
        bench.pass(Duration.ofSeconds(3));
        assertThat(allowance.debit(500)).isTrue();
        allowance.refund(1_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(1_500);
    }

    @Test
    void aRecallLeavesSecondsOfCreditWhereDataMovesAndNothingElsewhere() {
        QuotaBench busy = QuotaBench.hardWith(1_000_000);
        busy.allowance(0).debit(100);
        busy.table.applyGrant(grant(2, 1_000_000, busy.month("2026-11-01"), false, true, false));
        busy.run();
        assertThat(busy.lastAccount().capBytes() - busy.lastAccount().drawnBytes()).isEqualTo(16 * 1024);

        QuotaBench idle = QuotaBench.hardWith(1_000_000);
        idle.table.applyGrant(grant(2, 1_000_000, idle.month("2026-11-01"), false, true, false));
        idle.run();
        assertThat(idle.lastAccount().capBytes()).isZero();
    }

    @Test
    void shadowAndSoftNeverStopData() {
        for (QuotaMode mode : List.of(QuotaMode.SHADOW, QuotaMode.SOFT)) {
            QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 1);
            bench.table.applyPolicy(TENANT, policy(5, mode, 1));
            assertThat(bench.allowance(0).debit(1_000_000)).isTrue();
        }
    }

    @Test
    void aTenantWithoutAPolicyFollowsTheDefault() {
        QuotaBench bench = new QuotaBench(policy(0, QuotaMode.HARD, 1_000_000), 1);
        List<Admission> answers = bench.admit(0);
        bench.pass(Duration.ofMillis(400));
        assertThat(answers).containsExactly(new Admission.Refused(Admission.Reason.NO_GRANT));
    }

    @Test
    void aRemovedPolicyBringsTheDefaultBack() {
        QuotaBench bench = QuotaBench.hard();
        bench.table.removePolicy(TENANT);
        assertThat(bench.allowance(0).debit(1_000_000)).isTrue();
    }

    @Test
    void saysNothingOfTenantsThatNobodyUses() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.table.applyPolicy("idle", policy(1, QuotaMode.OFF, 1));
        bench.table.applyPolicy("hard", HARD);
        bench.pass(Duration.ofSeconds(3));
        bench.wallIs(Instant.parse("2026-12-01T00:00:00Z"));
        bench.pass(Duration.ofSeconds(3));
        bench.table.beginClose();
        bench.run();
        assertThat(bench.reports).isEmpty();
        assertThat(bench.table.isSettled()).isTrue();
    }

    @Test
    void countsAllocationsAndUsers() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        Allowance first = bench.allowance(0);
        bench.admit("al", 1);
        bench.admit("bo", 1);
        bench.pass(SECOND);
        assertThat(bench.last().activeAllocations()).isEqualTo(3);
        assertThat(bench.last().activeUsers()).isEqualTo(2);
        first.close();
        first.close();
        bench.pass(SECOND);
        assertThat(bench.last().activeAllocations()).isEqualTo(2);
        assertThat(bench.last().activeUsers()).isEqualTo(2);
    }

    @Test
    void waitsForPoliciesThatAreStillBeingRead() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 1);
        QuotaTable starting = new QuotaTable(NODE, QuotaSettings.standard(QuotaPolicy.OFF, 1), bench::nanos,
                java.time.Clock.systemUTC(), event -> {});
        java.util.List<Admission> answers = new java.util.ArrayList<>();
        starting.admit(TENANT, "al", 0, Runnable::run, answers::add);
        assertThat(answers).isEmpty();
        starting.controlCaughtUp();
        assertThat(answers).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
    }

    private static QuotaPolicy daily(long epoch, QuotaMode mode) {
        return new QuotaPolicy(epoch, mode, PeriodKind.DAY, ZoneOffset.UTC, OptionalLong.of(1_000_000),
                OnControlLoss.STOP);
    }

    private static QuotaGrant ofPolicy(long policyEpoch, long seq, long bytes, QuotaPeriod period, boolean closed) {
        return new QuotaGrant(TENANT, "", period.id(), period.start(), period.end(), NODE.nodeId(), NODE.epoch(),
                NODE.processNonce(), policyEpoch, seq, bytes, false, false, closed, 0, false);
    }

    private static QuotaGrant forProcess(QuotaGrant grant, String nodeId, long epoch, long nonce) {
        return new QuotaGrant(grant.tenantId(), "", grant.periodId(), grant.periodStart(), grant.periodEnd(), nodeId,
                epoch, nonce, grant.policyEpoch(), grant.grantSeq(), grant.grantBytes(), false, false, false, 0, false);
    }
}
