package io.turnpike.node.quota;

import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.grant;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules 4 and 5 of docs/quota-protocol.md: who begins to use a tenant waits for a grant, and not for long. */
class AdmissionRulesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

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

    @ParameterizedTest
    @EnumSource(QuotaMode.class)
    void rule4AdmitsNobodyOnceItIsClosedInWhateverMode(QuotaMode mode) {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 1);
        bench.table.applyPolicy(TENANT, QuotaBench.policy(5, mode, 1_000_000));
        bench.table.beginClose();
        assertThat(bench.admit(0)).containsExactly(new Admission.Refused(Admission.Reason.NO_GRANT));
    }

    @Test
    void rule4LetsNobodyWaitForCreditThatCannotComeAnyMore() {
        QuotaBench bench = QuotaBench.hard();
        List<Admission> answers = bench.admit(0);
        assertThat(answers).isEmpty();
        bench.table.beginClose();
        bench.runLoops();
        assertThat(answers).containsExactly(new Admission.Refused(Admission.Reason.NO_GRANT));
    }

    @Test
    void waitsForPoliciesThatAreStillBeingRead() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 1);
        QuotaTable starting = new QuotaTable(NODE, QuotaSettings.standard(QuotaPolicy.OFF, 1), bench::nanos,
                Clock.systemUTC(), event -> {});
        List<Admission> answers = new ArrayList<>();
        starting.admit(TENANT, "al", 0, Runnable::run, answers::add);
        assertThat(answers).isEmpty();
        starting.controlCaughtUp();
        assertThat(answers).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
    }
}
