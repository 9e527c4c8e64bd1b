package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.grant;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.QuotaAccountState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules 1, 2 and 17 of docs/quota-protocol.md, by number: credit is taken, drawn, spent and returned. */
class CreditRulesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

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
        assertThat(allowance.debit(1, CLIENT_TO_PEER)).isFalse();
    }

    @Test
    void tellsHowLongAQuestionWaitedForCreditAndNotForAnAnswerWithout() {
        QuotaBench bench = QuotaBench.hard();
        List<Long> waits = new ArrayList<>();
        bench.table.onGrantWait(waits::add);
        bench.table.applyGrant(answering(bench.grant(1, 0), ask(bench), false));
        assertThat(waits).as("it brings nothing").isEmpty();
        long asked = ask(bench);
        bench.pass(Duration.ofMillis(200));
        QuotaGrant brings = answering(bench.grant(2, 10_000), asked, false);
        bench.table.applyGrant(brings);
        bench.table.applyGrant(brings);
        assertThat(waits).containsExactly(Duration.ofMillis(200).toNanos());
        spendAll(bench.allowance(0), 1_000);
        bench.table.applyGrant(answering(bench.grant(3, 20_000), ask(bench), true));
        assertThat(waits).as("the quota runs short").hasSize(1);
        spendAll(bench.allowance(0), 1_000);
        bench.table.applyGrant(answering(bench.grant(4, 30_000), ask(bench), false));
        assertThat(waits).as("it waited for what others return").hasSize(1);
        spendAll(bench.allowance(0), 1_000);
        bench.table.applyGrant(answering(bench.grant(5, 40_000), ask(bench), false));
        assertThat(waits).hasSize(2);
    }

    /** Lets somebody wait for credit; the clock in the report that asks for it. */
    private static long ask(QuotaBench bench) {
        bench.admit(0);
        bench.run();
        assertThat(bench.lastAccount().wantBytes()).isPositive();
        return bench.last().reportMonotonicNanos();
    }

    private static QuotaGrant answering(QuotaGrant grant, long reportNanos, boolean recall) {
        return new QuotaGrant(grant.tenantId(), "", grant.periodId(), grant.periodStart(), grant.periodEnd(),
                grant.nodeId(), grant.nodeEpoch(), grant.processNonce(), grant.policyEpoch(), grant.grantSeq(),
                grant.grantBytes(), false, recall, false, reportNanos, false);
    }

    @Test
    void rule2NeverCutsBelowWhatLoopsHaveDrawn() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        Allowance allowance = bench.allowance(0);
        assertThat(allowance.debit(1000, CLIENT_TO_PEER)).isTrue();
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
        first.debit(1000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        long drawn = bench.lastAccount().drawnBytes();
        assertThat(drawn).isGreaterThan(1000);
        first.close();
        Allowance second = bench.allowance(1);
        second.debit((int) (drawn - 1000), CLIENT_TO_PEER);
        bench.pass(SECOND);
        assertThat(bench.lastAccount().drawnBytes()).isEqualTo(drawn);
        assertThat(bench.lastAccount().spentBytes()).isEqualTo(drawn);
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
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).as("the first packet after a client's connectivity checks")
                .isTrue();
        bench.pass(Duration.ofSeconds(12));
        assertThat(bench.lastAccount().capBytes()).as("idle again").isLessThan(10_000);
    }

    @Test
    void aRaisedQuotaRevivesAnAllocationWithoutAnotherRequest() {
        QuotaBench bench = QuotaBench.hardWith(2_000);
        Allowance allowance = bench.allowance(0);
        spendAll(allowance, 100);
        bench.table.applyGrant(grant(2, 2_000, bench.month("2026-11-01"), true, false, false));
        bench.pass(Duration.ofSeconds(3));
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).isFalse();
        bench.pass(SECOND);
        assertThat(bench.lastAccount().wantBytes()).as("goes on asking").isPositive();
        bench.granted(3, 4_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(2_000);
    }

    @Test
    void aRefusedSendGivesItsDebitBack() {
        QuotaBench bench = QuotaBench.hardWith(1_500);
        Allowance allowance = bench.allowance(0);
        assertThat(allowance.debit(1_500, CLIENT_TO_PEER)).isTrue();
        allowance.refund(1_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(1_000);
    }

    @Test
    void aRecallLeavesSecondsOfCreditWhereDataMovesAndNothingElsewhere() {
        QuotaBench busy = QuotaBench.hardWith(1_000_000);
        busy.allowance(0).debit(100, CLIENT_TO_PEER);
        busy.table.applyGrant(grant(2, 1_000_000, busy.month("2026-11-01"), false, true, false));
        busy.run();
        assertThat(busy.lastAccount().capBytes() - busy.lastAccount().drawnBytes()).isEqualTo(16 * 1024);

        QuotaBench idle = QuotaBench.hardWith(1_000_000);
        idle.table.applyGrant(grant(2, 1_000_000, idle.month("2026-11-01"), false, true, false));
        idle.run();
        assertThat(idle.lastAccount().capBytes()).isZero();
    }
}
