package io.turnpike.node.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When what was leased may be used, and when control is lost (QUOTA.md rule 20). */
class ControlLeaseTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long PATIENCE = 5 * SECOND;
    private static final long LEASE = 300 * SECOND;

    private final ControlLease lease = new ControlLease();

    @ParameterizedTest
    @ValueSource(longs = {0, -LEASE / 2, Long.MAX_VALUE - LEASE / 2, Long.MIN_VALUE})
    void runsFromTheSendingOfTheReportWhateverTheClockSays(long origin) {
        lease.answered(origin, LEASE, origin + 100 * SECOND);
        assertThat(lease.isHeld(origin + LEASE - 1)).isTrue();
        assertThat(lease.isHeld(origin + LEASE)).isFalse();
    }

    @Test
    void isNotHeldBeforeTheFirstGrant() {
        assertThat(lease.isHeld(0)).isFalse();
        assertThat(lease.isLost(Long.MAX_VALUE / 2, PATIENCE)).isFalse();
    }

    @Test
    void isNotShortenedByAnOlderGrantThatComesLater() {
        lease.answered(10 * SECOND, LEASE, 11 * SECOND);
        lease.answered(2 * SECOND, LEASE, 12 * SECOND);
        assertThat(lease.isHeld(10 * SECOND + LEASE - 1)).isTrue();
    }

    @Test
    void isNotLengthenedByAnAnswerToAReportThatWasNeverSent() {
        lease.answered(10 * SECOND, LEASE, 9 * SECOND);
        assertThat(lease.isHeld(9 * SECOND)).isFalse();
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
        lease.answered(SECOND, LEASE, 9 * SECOND);
        assertThat(lease.isLost(13 * SECOND - 1, PATIENCE)).as("the silence began with the question after it")
                .isFalse();
        assertThat(lease.isLost(13 * SECOND, PATIENCE)).isTrue();
        lease.answered(8 * SECOND, LEASE, 10 * SECOND);
        assertThat(lease.isLost(100 * SECOND, PATIENCE)).isFalse();
    }

    @Test
    void knowsWhenTheFirstOfManyUnansweredQuestionsWasAsked() {
        for (int second = 1; second <= 40; second++) {
            lease.asked(second * SECOND);
        }
        lease.answered(10 * SECOND, LEASE, 40 * SECOND);
        assertThat(lease.isLost(16 * SECOND - 1, PATIENCE)).isFalse();
        assertThat(lease.isLost(16 * SECOND, PATIENCE)).isTrue();
        lease.answered(30 * SECOND, LEASE, 40 * SECOND);
        assertThat(lease.isLost(35 * SECOND, PATIENCE)).as("of questions that are not remembered, the older").isTrue();
        lease.answered(40 * SECOND, LEASE, 41 * SECOND);
        assertThat(lease.isLost(100 * SECOND, PATIENCE)).isFalse();
    }

    @Test
    void asksFirstAfterStandingStill() {
        lease.answered(SECOND, LEASE, 2 * SECOND);
        lease.asked(3 * SECOND);
        lease.stoodStill(20 * SECOND);
        assertThat(lease.isHeld(20 * SECOND)).isFalse();
        assertThat(lease.isLost(20 * SECOND, PATIENCE)).isFalse();
        lease.answered(3 * SECOND, LEASE, 21 * SECOND);
        assertThat(lease.isHeld(21 * SECOND)).as("that answer was for the time before").isFalse();
        lease.asked(21 * SECOND);
        lease.answered(21 * SECOND, LEASE, 22 * SECOND);
        assertThat(lease.isHeld(22 * SECOND)).isTrue();
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
