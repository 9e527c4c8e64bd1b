package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.HARD;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.policy;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.QuotaAccountState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules 10 and 12 of docs/quota-protocol.md, by number: which policy is in force, and what was used under another one. */
class PolicyRulesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void rule10BooksUseUnderOffToAPeriodThoughAGrantWasAskedForBefore() {
        QuotaBench bench = QuotaBench.hard();
        bench.admit(0);
        bench.run();
        bench.table.applyPolicy(TENANT, policy(HARD.policyEpoch() + 1, QuotaMode.OFF, 1));
        bench.run();
        bench.allowance(1).debit(5_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        assertThat(bench.lastAccount()).extracting(QuotaAccountState::periodId, QuotaAccountState::drawnBytes)
                .containsExactly("2026-11", 5_000L);
    }

    @Test
    void rule12SaysItFollowsAPolicyOnlyWhenEveryLoopDoes() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.table.applyPolicy(TENANT, policy(4, QuotaMode.OFF, 1));
        Allowance allowance = bench.allowance(0);
        allowance.debit(100, CLIENT_TO_PEER);
        bench.pass(SECOND);
        bench.table.applyPolicy(TENANT, HARD);
        bench.table.runDue();
        assertThat(bench.last().policyEpochSeen()).isEqualTo(4);
        assertThat(allowance.debit(1, CLIENT_TO_PEER)).as("follows the policy without waiting").isFalse();
        bench.runLoops();
        bench.table.runDue();
        assertThat(bench.last().policyEpochSeen()).isEqualTo(HARD.policyEpoch());
    }

    @Test
    void rule12BooksWhatWasForwardedUnderOffBeforeAGrantIsSpent() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        assertThat(bench.lastAccount()).extracting(QuotaAccountState::periodId, QuotaAccountState::drawnBytes,
                QuotaAccountState::spentBytes, QuotaAccountState::wantBytes)
                .containsExactly("2026-11", 5_000L, 5_000L, 0L);
        allowance.debit(1_000, CLIENT_TO_PEER);
        bench.table.applyPolicy(TENANT, HARD);
        bench.granted(1, 8_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(2_000);
    }

    @Test
    void shadowAndSoftNeverStopData() {
        for (QuotaMode mode : List.of(QuotaMode.SHADOW, QuotaMode.SOFT)) {
            QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 1);
            bench.table.applyPolicy(TENANT, policy(5, mode, 1));
            assertThat(bench.allowance(0).debit(1_000_000, CLIENT_TO_PEER)).isTrue();
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
        assertThat(bench.allowance(0).debit(1_000_000, CLIENT_TO_PEER)).isTrue();
    }

    @Test
    void creditThatComesLateForAPeriodThatThePolicyHasLeftGoesBack() {
        QuotaBench bench = QuotaBench.hardWith(100_000);
        bench.allowance(0).debit(1_000, CLIENT_TO_PEER);
        bench.table.applyPolicy(QuotaBench.TENANT, QuotaBench.daily(2, QuotaMode.OFF));
        bench.run();
        bench.table.applyGrant(bench.grant(2, 200_000));
        bench.pass(Duration.ofSeconds(1));
        assertThat(bench.last().accounts()).filteredOn(account -> account.periodId().equals("2026-11"))
                .singleElement().satisfies(account -> {
                    assertThat(account.grantSeq()).isEqualTo(2);
                    assertThat(account.capBytes()).isEqualTo(account.drawnBytes());
                });
    }
}
