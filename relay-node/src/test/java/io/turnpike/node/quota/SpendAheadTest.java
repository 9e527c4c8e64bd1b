package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.HARD;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.quota.SpendLog.Claim;
import io.turnpike.node.quota.SpendLog.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A process writes down how far it may spend before it spends, and the next one settles by it (QUOTA.md rule 3). */
class SpendAheadTest {
    private static final long MIB = 1024 * 1024;
    private static final long GRANT = 40 * MIB;
    private static final NodeIdentity NEXT = new NodeIdentity(NODE.nodeId(), NODE.epoch() + 1, 7);

    private final MemorySpendLog log = MemorySpendLog.fresh();

    private long ceiling() {
        return log.onDisk.claims().stream().filter(claim -> claim.tenantId().equals(TENANT))
                .mapToLong(Claim::ceilingBytes).sum();
    }

    private QuotaBench granted() {
        QuotaBench bench = QuotaBench.keeping(log, NODE, HARD);
        bench.granted(1, GRANT);
        bench.run();
        return bench;
    }

    @Test
    void nothingIsSpentBeforeItIsWritten() {
        log.slow = true;
        QuotaBench bench = granted();
        assertThat(bench.admit(0)).as("it waits for the disk").isEmpty();
        log.finish();
        bench.run();
        assertThat(ceiling()).isEqualTo(MIB);
        assertThat(spendAll(bench.allowance(0), 1_000)).isLessThanOrEqualTo(MIB);
    }

    @Test
    void aFirstGrantIsWrittenDownAtOnceAndNotAskedForAgain() {
        QuotaBench bench = QuotaBench.keeping(log, NODE, HARD);
        List<Admission> answers = bench.admit(0);
        bench.run();
        int reports = bench.reports.size();
        AtomicInteger calls = new AtomicInteger();
        bench.table.onUrgent(calls::incrementAndGet);
        bench.table.applyGrant(bench.grant(1, GRANT));
        assertThat(calls).as("the report thread is told").hasPositiveValue();
        bench.run();
        assertThat(answers).singleElement().isInstanceOf(Admission.Admitted.class);
        assertThat(bench.reports).hasSize(reports);
    }

    @Test
    void theCeilingStaysAheadOfWhatIsSpentAndNeverBehindIt() {
        QuotaBench bench = granted();
        Allowance allowance = bench.allowance(0);
        long spent = 0;
        for (int i = 0; i < 30_000 && allowance.debit(1_200, CLIENT_TO_PEER); i++) {
            spent += 1_200;
            assertThat(spent).isLessThanOrEqualTo(ceiling());
            bench.run();
        }
        assertThat(spent).as("nobody had to wait").isEqualTo(30_000 * 1_200L);
        assertThat(ceiling() - spent).as("what a kill would strand").isLessThanOrEqualTo(2 * MIB);
        assertThat(log.writes).as("a write is for many datagrams").isLessThan(150);
    }

    @Test
    void theNextProcessReportsTheCeilingAsFinalUntilTheLedgerHasTakenIt() {
        QuotaBench bench = granted();
        spendAll(bench.allowance(0), 1_000);
        bench.pass(Duration.ofSeconds(1));
        long ceiling = ceiling();
        MemorySpendLog left = log.next();
        QuotaBench next = QuotaBench.keeping(left, NEXT, HARD);
        next.pass(Duration.ofSeconds(3));
        assertThat(next.reports).hasSizeGreaterThan(2).allSatisfy(report -> assertThat(report.accounts().get(0))
                .extracting(QuotaAccountState::nodeEpoch, QuotaAccountState::processNonce,
                        QuotaAccountState::drawnBytes, QuotaAccountState::capBytes, QuotaAccountState::spentBytes,
                        QuotaAccountState::finalReport, QuotaAccountState::policyEpoch)
                .containsExactly(NODE.epoch(), NODE.processNonce(), ceiling, ceiling, 0L, true, HARD.policyEpoch()));
        assertThat(next.table.isSettled()).isFalse();
        next.table.applyGrant(QuotaBench.grant(9, ceiling, PeriodKind.MONTH.at(QuotaBench.START, 0,
                HARD.timeZone()), false, false, true));
        assertThat(next.table.isSettled()).isTrue();
        int reports = next.reports.size();
        next.pass(Duration.ofSeconds(3));
        assertThat(next.reports).hasSize(reports);
    }

    @Test
    void whatIsNotSettledOutlivesAnotherProcess() {
        granted();
        MemorySpendLog second = log.next();
        QuotaBench next = QuotaBench.keeping(second, NEXT, HARD);
        next.table.applyGrant(new QuotaGrant(TENANT, "", "2026-11", QuotaBench.START,
                QuotaBench.START.plusSeconds(9_999),
                NEXT.nodeId(), NEXT.epoch(), NEXT.processNonce(), HARD.policyEpoch(), 1, GRANT, false, false, false, 0,
                false));
        next.run();
        assertThat(second.onDisk.claims()).extracting(Claim::nodeEpoch).containsExactly(NODE.epoch(), NEXT.epoch());
    }

    @Test
    void aDiskThatKeepsNothingHoldsNobodyUp() {
        log.outcome = Outcome.NOTHING_KEPT;
        QuotaBench bench = granted();
        assertThat(spendAll(bench.allowance(0), 1_000)).isGreaterThan(GRANT - 1_000);
        assertThat(bench.table.isSpendingKept()).isFalse();
        assertThat(log.next().inherited().orElseThrow().claims()).isEmpty();
    }

    @Test
    void aDiskThatKeepsAnOlderPageEndsSpendingThere() {
        QuotaBench bench = granted();
        Allowance allowance = bench.allowance(0);
        long kept = ceiling();
        log.outcome = Outcome.FAILED;
        long spent = 0;
        for (int i = 0; i < 3_000 && allowance.debit(1_000, CLIENT_TO_PEER); i++) {
            spent += 1_000;
            bench.run();
        }
        assertThat(spent).isLessThanOrEqualTo(kept).isGreaterThan(kept - 1_000);
        log.outcome = Outcome.WRITTEN;
        bench.pass(Duration.ofSeconds(2));
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).as("it is tried again").isTrue();
        assertThat(bench.table.isSpendingKept()).isTrue();
    }

    @Test
    void afterADiskThatKeptNothingACeilingIsNeverBelowWhatMayBeSpent() {
        log.outcome = Outcome.NOTHING_KEPT;
        QuotaBench bench = granted();
        Allowance allowance = bench.allowance(0);
        for (int i = 0; i < 20_000; i++) {
            allowance.debit(1_000, CLIENT_TO_PEER);
        }
        log.outcome = Outcome.WRITTEN;
        log.slow = true;
        bench.pass(Duration.ofSeconds(2));
        long spent = 20_000_000 + spendAll(allowance, 1_000);
        log.finish();
        assertThat(spent).isLessThanOrEqualTo(ceiling());
    }

    @Test
    void whatWasReturnedIsNotClaimed() {
        QuotaBench bench = granted();
        bench.allowance(0).debit(1_000, CLIENT_TO_PEER);
        bench.pass(Duration.ofSeconds(12));
        bench.granted(2, 20 * MIB);
        bench.run();
        assertThat(ceiling()).isLessThanOrEqualTo(bench.lastAccount().drawnBytes() + MIB);
        assertThat(bench.lastAccount().drawnBytes()).isLessThanOrEqualTo(ceiling());
    }

    @Test
    void nothingIsSettledWhereNobodyKnowsWhatWasWritten() {
        QuotaBench bench = QuotaBench.keeping(new MemorySpendLog(Optional.empty()), NEXT, HARD);
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.reports).allSatisfy(report -> assertThat(report.accounts()).noneMatch(
                QuotaAccountState::finalReport));
        assertThat(bench.table.isSettled()).isTrue();
    }
}
