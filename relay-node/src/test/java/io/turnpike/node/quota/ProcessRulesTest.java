package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.DAY;
import static io.turnpike.node.quota.QuotaBench.HARD;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.daily;
import static io.turnpike.node.quota.QuotaBench.grant;
import static io.turnpike.node.quota.QuotaBench.ofPolicy;
import static io.turnpike.node.quota.QuotaBench.policy;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.QuotaAccountState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rules 4 and 6 of docs/quota-protocol.md, by number: how a process ends, and that it is the only one of its name. */
class ProcessRulesTest {
    @Test
    void rule4FinalReportsRepeatUntilTheyAreAcknowledged() {
        QuotaBench bench = QuotaBench.hardWith(10_000);
        Allowance allowance = bench.allowance(0);
        allowance.debit(500, CLIENT_TO_PEER);
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
        assertThat(allowance.debit(1, CLIENT_TO_PEER)).isFalse();
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
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).isFalse();
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
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).isTrue();
        bench.table.applyGrant(forProcess(bench.grant(1, 1), "n1", NODE.epoch() + 1, 5));
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).isFalse();
        assertThat(bench.table.isFenced()).isTrue();
        assertThat(bench.admit(0)).containsExactly(new Admission.Refused(Admission.Reason.FENCED));
    }

    @Test
    void rule6SpendsNoSliceUnderALaterHardQuotaIfItWasFencedUnderOff() {
        QuotaBench bench = QuotaBench.hardWith(1_000_000);
        Allowance allowance = bench.allowance(0);
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).isTrue();
        bench.table.applyPolicy(TENANT, policy(HARD.policyEpoch() + 1, QuotaMode.OFF, 1));
        bench.run();
        bench.table.applyGrant(forProcess(bench.grant(1, 1), "n1", NODE.epoch() + 1, 5));
        bench.table.applyPolicy(TENANT, policy(HARD.policyEpoch() + 2, QuotaMode.HARD, 1_000_000));
        bench.run();
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).isFalse();
    }

    private static QuotaGrant forProcess(QuotaGrant grant, String nodeId, long epoch, long nonce) {
        return new QuotaGrant(grant.tenantId(), "", grant.periodId(), grant.periodStart(), grant.periodEnd(), nodeId,
                epoch, nonce, grant.policyEpoch(), grant.grantSeq(), grant.grantBytes(), false, false, false, 0, false);
    }
}
