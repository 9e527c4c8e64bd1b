package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.HARD;
import static io.turnpike.node.quota.QuotaBench.policy;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When a node reports (rule 17 of docs/quota-protocol.md), and what it says. */
class ReportRulesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void rule17ReportsEachSecondWhileItHoldsCredit() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        int before = bench.reports.size();
        bench.pass(Duration.ofSeconds(5));
        assertThat(bench.reports.size() - before).isEqualTo(5);
    }

    @Test
    void asksForMoreAtOnceWhenCreditRunsLow() {
        QuotaBench bench = QuotaBench.hardWith(2_000_000);
        Allowance allowance = bench.allowance(0);
        bench.pass(SECOND);
        int before = bench.reports.size();
        for (int i = 0; i < 1_700; i++) {
            assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
        }
        bench.table.runDue();
        assertThat(bench.reports.size()).isEqualTo(before + 1);
        assertThat(bench.lastAccount().wantBytes()).isPositive();
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
}
