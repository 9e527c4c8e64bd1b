package io.turnpike.node.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When control is lost (QUOTA.md rule 20). */
class ControlLeaseTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long PATIENCE = 5 * SECOND;

    private final ControlLease lease = new ControlLease();

    @Test
    void isNotLostBeforeTheFirstQuestion() {
        assertThat(lease.isLost(Long.MAX_VALUE / 2, PATIENCE)).isFalse();
    }

    @Test
    void isLostWhenAQuestionStaysUnanswered() {
        lease.asked(SECOND);
        lease.asked(3 * SECOND);
        assertThat(lease.isLost(6 * SECOND - 1, PATIENCE)).isFalse();
        assertThat(lease.isLost(6 * SECOND, PATIENCE)).isTrue();
    }

    @Test
    void isFoundAgainByAnAnswerToTheNewestQuestionOnly() {
        lease.asked(SECOND);
        lease.asked(8 * SECOND);
        lease.answered(SECOND, 9 * SECOND);
        assertThat(lease.isLost(13 * SECOND - 1, PATIENCE)).as("the silence began with the question after it")
                .isFalse();
        assertThat(lease.isLost(13 * SECOND, PATIENCE)).isTrue();
        lease.answered(8 * SECOND, 10 * SECOND);
        assertThat(lease.isLost(100 * SECOND, PATIENCE)).isFalse();
    }

    @Test
    void knowsWhenTheFirstOfManyUnansweredQuestionsWasAsked() {
        for (int second = 1; second <= 40; second++) {
            lease.asked(second * SECOND);
        }
        lease.answered(10 * SECOND, 40 * SECOND);
        assertThat(lease.isLost(16 * SECOND - 1, PATIENCE)).isFalse();
        assertThat(lease.isLost(16 * SECOND, PATIENCE)).isTrue();
        lease.answered(30 * SECOND, 40 * SECOND);
        assertThat(lease.isLost(35 * SECOND, PATIENCE)).as("of questions that are not remembered, the older").isTrue();
        lease.answered(40 * SECOND, 41 * SECOND);
        assertThat(lease.isLost(100 * SECOND, PATIENCE)).isFalse();
    }

    @Test
    void saysHowLongTheQuestionOfAReportWaited() {
        assertThat(lease.answered(SECOND, 2 * SECOND)).as("nothing was asked").isEmpty();
        lease.asked(3 * SECOND);
        lease.asked(4 * SECOND);
        lease.asked(6 * SECOND);
        assertThat(lease.answered(2 * SECOND, 5 * SECOND)).as("an answer to an older report").isEmpty();
        assertThat(lease.answered(4 * SECOND, 7 * SECOND)).hasValue(3 * SECOND);
        assertThat(lease.answered(4 * SECOND, 8 * SECOND)).as("the same answer again").isEmpty();
        assertThat(lease.answered(6 * SECOND, 9 * SECOND)).hasValue(3 * SECOND);
        assertThat(lease.answered(6 * SECOND, 9 * SECOND)).as("all is answered").isEmpty();
    }

    @Test
    void asksFirstAfterStandingStill() {
        lease.answered(SECOND, 2 * SECOND);
        lease.asked(3 * SECOND);
        lease.stoodStill(20 * SECOND);
        assertThat(lease.isLost(20 * SECOND, PATIENCE)).isFalse();
        lease.asked(21 * SECOND);
        lease.answered(3 * SECOND, 22 * SECOND);
        assertThat(lease.isLost(26 * SECOND, PATIENCE)).as("that answer was for the time before").isTrue();
        lease.answered(21 * SECOND, 27 * SECOND);
        assertThat(lease.isLost(100 * SECOND, PATIENCE)).isFalse();
    }

    @Test
    void standstillIsSeenOnEitherClock() {
        Standstill standstill = new Standstill(Duration.ofSeconds(1), 0, 0);
        assertThat(standstill.isOver(SECOND, 1_000)).isFalse();
        assertThat(standstill.isOver(5 * SECOND, 5_000)).as("stopped, and both clocks went on").isTrue();
        assertThat(standstill.isOver(6 * SECOND, 60_000)).as("suspended with the monotonic clock").isTrue();
        assertThat(standstill.isOver(7 * SECOND, 61_000)).isFalse();
        assertThat(standstill.isOver(8 * SECOND, 20_000)).as("the wall clock was set back").isFalse();
    }

    @Test
    void aNodeThatStoodStillReportsAtOnce() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        bench.allowance(0);
        bench.pass(Duration.ofSeconds(1));
        int before = bench.reports.size();
        bench.wallIs(Instant.parse("2026-11-22T13:00:00Z"));
        bench.run();
        assertThat(bench.reports).hasSize(before + 1);
    }

    @Test
    void theTableCountsTenantsWhoseLedgerIsSilent() {
        QuotaBench bench = QuotaBench.hardWith(10_000);
        Allowance allowance = bench.allowance(0);
        QuotaBench.spendAll(allowance, 1_000);
        bench.pass(Duration.ofSeconds(4));
        assertThat(bench.table.tenantsWithoutControl()).isZero();
        QuotaBench.spendAll(allowance, 1_000);
        bench.pass(Duration.ofSeconds(4));
        assertThat(bench.table.tenantsWithoutControl()).isEqualTo(1);
        bench.granted(2, 20_000);
        assertThat(bench.table.tenantsWithoutControl()).isZero();
    }
}
