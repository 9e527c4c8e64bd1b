package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.event.TenantUsageReported;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Users' quotas beside the tenant's: both are checked and then both debited; idle users are closed and forgotten. */
class UserQuotasTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long MUCH = 10_000_000;

    private final QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);

    private static QuotaPolicy policy(long epoch, QuotaMode mode, OptionalLong userVolume) {
        return new QuotaPolicy(epoch, mode, PeriodKind.MONTH, ZoneOffset.UTC, 0, OptionalLong.of(100_000_000),
                userVolume, OnControlLoss.STOP, SafeRate.STANDARD);
    }

    private void hard(long epoch) {
        bench.table.applyPolicy(TENANT, policy(epoch, QuotaMode.HARD, OptionalLong.of(1_000_000)));
        bench.run();
    }

    private QuotaGrant ofUser(String user, long opening, long seq, long bytes, boolean exhausted, boolean closed) {
        QuotaPeriod november = bench.month("2026-11-01");
        return new QuotaGrant(TENANT, user, november.id(), november.start(), november.end(), NODE.nodeId(),
                NODE.epoch(), NODE.processNonce(), 5, seq, bytes, exhausted, false, closed, 0, opening, false,
                QuotaGrant.STANDARD_LEASE_NANOS);
    }

    private void grantUser(long opening, long seq, long bytes) {
        bench.table.applyGrant(ofUser("al", opening, seq, bytes, false, false));
        bench.run();
    }

    /** An allocation of a user with so much credit of his own; the tenant has much. */
    private Allowance admitted(long userBytes) {
        hard(5);
        bench.granted(1, MUCH);
        List<Admission> answers = bench.admit("al", 0);
        grantUser(1, 1, userBytes);
        return ((Admission.Admitted) answers.get(0)).allowance();
    }

    private List<TenantUsageReported> reportsOf(String user) {
        return bench.reports.stream().filter(report -> report.userId().equals(user)).toList();
    }

    private QuotaAccountState lastOf(String user) {
        List<TenantUsageReported> all = reportsOf(user);
        List<QuotaAccountState> accounts = all.get(all.size() - 1).accounts();
        return accounts.get(accounts.size() - 1);
    }

    private long spentByTenant() {
        bench.pass(SECOND);
        List<TenantUsageReported> all = reportsOf("");
        return all.get(all.size() - 1).billableBytes();
    }

    @Test
    void rule18DebitsBothOrNeither() {
        Allowance allowance = admitted(3_000);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
        assertThat(allowance.debit(2_000, CLIENT_TO_PEER)).isTrue();
        assertThat(allowance.debit(1, CLIENT_TO_PEER)).as("the user has nothing left").isFalse();
        assertThat(spentByTenant()).isEqualTo(3_000);
        assertThat(lastOf("al").spentBytes()).isEqualTo(3_000);
        List<TenantUsageReported> all = reportsOf("");
        assertThat(all.get(all.size() - 1).quotaDroppedBytes()).isEqualTo(1);
    }

    @Test
    void rule18TheUserIsNotDebitedWhatTheTenantDoesNotCover() {
        hard(5);
        List<Admission> answers = bench.admit("al", 0);
        bench.granted(1, 2_000);
        grantUser(1, 1, MUCH);
        Allowance allowance = ((Admission.Admitted) answers.get(0)).allowance();
        assertThat(allowance.debit(2_000, CLIENT_TO_PEER)).isTrue();
        assertThat(allowance.debit(500, CLIENT_TO_PEER)).isFalse();
        bench.pass(SECOND);
        assertThat(lastOf("al").spentBytes()).isEqualTo(2_000);
    }

    @Test
    void aStreamGoesAsFarAsBothReach() {
        Allowance allowance = admitted(2_000);
        int went = allowance.debitUpTo(8_000, CLIENT_TO_PEER);
        assertThat(went).isEqualTo(2_000);
        assertThat(allowance.debitUpTo(8_000, CLIENT_TO_PEER)).isZero();
        assertThat(spentByTenant()).isEqualTo(2_000);
    }

    @Test
    void whatASocketRefusedComesBackToBoth() {
        Allowance allowance = admitted(2_000);
        assertThat(allowance.debit(2_000, CLIENT_TO_PEER)).isTrue();
        allowance.refund(2_000);
        assertThat(allowance.debit(2_000, CLIENT_TO_PEER)).isTrue();
        assertThat(spentByTenant()).isEqualTo(2_000);
        assertThat(lastOf("al").drawnBytes()).isEqualTo(2_000);
    }

    @Test
    void anAllocateNeedsBoth() {
        hard(5);
        bench.granted(1, MUCH);
        List<Admission> answers = bench.admit("al", 0);
        bench.run();
        assertThat(answers).isEmpty();
        assertThat(lastOf("al").wantBytes()).isPositive();
        assertThat(lastOf("al").opening()).isEqualTo(1);
        bench.table.applyGrant(ofUser("al", 1, 1, 0, true, false));
        bench.run();
        assertThat(answers).containsExactly(new Admission.Refused(Admission.Reason.EXHAUSTED));
        bench.pass(SECOND);
        List<TenantUsageReported> tenant = reportsOf("");
        assertThat(tenant.get(tenant.size() - 1).activeAllocations()).isZero();
        assertThat(tenant.get(tenant.size() - 1).rejectedAllocations()).isEqualTo(1);
        assertThat(bench.admit("bo", 0)).as("another user").isEmpty();
    }

    @Test
    void anAllocateWaitsForBothNoLongerThanForOne() {
        hard(5);
        List<Admission> answers = bench.admit("al", 0);
        bench.pass(Duration.ofMillis(300));
        assertThat(answers).isEmpty();
        bench.pass(Duration.ofMillis(200));
        assertThat(answers).containsExactly(new Admission.Refused(Admission.Reason.NO_GRANT));
    }

    @Test
    void liveAllocationsAreDebitedAsSoonAsThePolicyCountsUsers() {
        bench.table.applyPolicy(TENANT, policy(4, QuotaMode.HARD, OptionalLong.empty()));
        bench.granted(1, MUCH);
        Allowance allowance = ((Admission.Admitted) bench.admit("al", 0).get(0)).allowance();
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
        hard(5);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).as("no grant of the user").isFalse();
        bench.run();
        assertThat(lastOf("al").policyEpoch()).isEqualTo(5);
        grantUser(1, 1, 1_000);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
        bench.table.applyPolicy(TENANT, policy(6, QuotaMode.HARD, OptionalLong.empty()));
        bench.run();
        assertThat(allowance.debit(5_000, CLIENT_TO_PEER)).as("users are not counted any more").isTrue();
        assertThat(lastOf("al").finalReport()).isTrue();
    }

    @Test
    void idleUsersReturnEverythingAndSayNothingMore() {
        Allowance allowance = admitted(100_000);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
        bench.pass(Duration.ofSeconds(12));
        assertThat(lastOf("al").capBytes()).isEqualTo(lastOf("al").drawnBytes());
        grantUser(1, 2, lastOf("al").drawnBytes());
        bench.pass(SECOND);
        int said = reportsOf("al").size();
        bench.pass(Duration.ofMinutes(5));
        assertThat(reportsOf("al")).as("he has an allocation and nothing to say").hasSize(said);
        bench.granted(2, MUCH);
        assertThat(allowance.debit(100_000, CLIENT_TO_PEER)).as("nothing but what the loop had drawn").isFalse();
        bench.pass(SECOND);
        assertThat(lastOf("al").wantBytes()).as("until he sends").isPositive();
    }

    @Test
    void rule18AUserIsForgottenWhenHisCloseIsAcknowledgedAndOpensAnew() {
        Allowance allowance = admitted(100_000);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
        allowance.close();
        bench.pass(Duration.ofSeconds(40));
        assertThat(lastOf("al").finalReport()).isTrue();
        int said = reportsOf("al").size();
        bench.pass(Duration.ofSeconds(3));
        assertThat(reportsOf("al")).as("it repeats").hasSizeGreaterThan(said);

        List<Admission> back = bench.admit("al", 0);
        bench.run();
        assertThat(lastOf("al").opening()).as("not before the close is acknowledged").isEqualTo(1);
        bench.table.applyGrant(ofUser("al", 1, 2, 1_000, false, true));
        bench.run();
        assertThat(lastOf("al").opening()).isEqualTo(2);
        assertThat(lastOf("al").drawnBytes()).isZero();
        bench.table.applyGrant(ofUser("al", 1, 1, 100_000, false, false));
        bench.run();
        assertThat(back).as("a grant of the opening before").isEmpty();
        grantUser(2, 3, 16_000);
        assertThat(back).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void thousandsOfUsersThatAreGoneLeaveNothing() {
        hard(5);
        bench.granted(1, MUCH);
        for (int i = 0; i < 5_000; i++) {
            bench.table.admit(TENANT, "user" + i, 0, bench.loop, answer -> {});
        }
        bench.pass(Duration.ofSeconds(60));
        bench.reports.stream().filter(report -> !report.userId().isEmpty())
                .filter(report -> report.accounts().stream().allMatch(QuotaAccountState::finalReport)).toList()
                .forEach(report -> bench.table.applyGrant(ofUser(report.userId(), report.accounts().get(0).opening(),
                        9, 0, false, true)));
        bench.pass(Duration.ofSeconds(2));
        int said = bench.reports.size();
        bench.pass(Duration.ofSeconds(60));
        assertThat(bench.reports.size() - said).as("of the tenant only").isLessThanOrEqualTo(60);
        assertThat(bench.table.users(TENANT)).isZero();
        assertThat(bench.reports).allSatisfy(report -> assertThat(report.accounts().size()).isLessThan(5));
    }

    @Test
    void softRefusesAUserWhoHasUsedHisVolumeThoughHeIsNew() {
        bench.table.applyPolicy(TENANT, policy(5, QuotaMode.SOFT, OptionalLong.of(1_000)));
        bench.run();
        bench.table.applyGrant(exhaustedElsewhere("al", 5, 1));
        assertThat(bench.admit("al", 0)).containsExactly(new Admission.Refused(Admission.Reason.EXHAUSTED));
        assertThat(bench.admit("bo", 0).get(0)).isInstanceOf(Admission.Admitted.class);
        bench.pass(SECOND);
        List<TenantUsageReported> tenant = reportsOf("");
        assertThat(tenant.get(tenant.size() - 1).rejectedAllocations()).isEqualTo(1);
    }

    @Test
    void whatIsKnownOfAUserIsRenewedHoweverManyAreKnown() {
        bench.table.applyPolicy(TENANT, policy(5, QuotaMode.SOFT, OptionalLong.of(1_000)));
        bench.table.applyGrant(exhaustedElsewhere("al", 5, 1));
        for (int i = 0; i < 100_000; i++) {
            bench.table.applyGrant(exhaustedElsewhere("user" + i, 5, 1));
        }
        bench.table.applyPolicy(TENANT, policy(6, QuotaMode.SOFT, OptionalLong.of(2_000)));
        bench.table.applyGrant(exhaustedElsewhere("al", 6, 2));
        assertThat(bench.admit("al", 0)).containsExactly(new Admission.Refused(Admission.Reason.EXHAUSTED));
    }

    /** What a grant to another node says of a user. */
    private QuotaGrant exhaustedElsewhere(String user, long policyEpoch, long seq) {
        QuotaPeriod november = bench.month("2026-11-01");
        return new QuotaGrant(TENANT, user, november.id(), november.start(), november.end(), "n2", 1, 1, policyEpoch,
                seq, 0, true, false, false, 0, 1, false, QuotaGrant.STANDARD_LEASE_NANOS);
    }

    @Test
    void whoIsRefusedForHimselfIsCountedOnceAndDoesNotWaitForTheTenant() {
        hard(5);
        QuotaPeriod november = bench.month("2026-11-01");
        bench.admit("al", 0);
        bench.run();
        bench.table.applyGrant(ofUser("al", 1, 1, 0, true, false));
        bench.table.applyGrant(QuotaBench.grant(1, MUCH, november, false, false, false));
        bench.run();
        int asked = reportsOf("").size();
        assertThat(bench.admit("al", 0)).containsExactly(new Admission.Refused(Admission.Reason.EXHAUSTED));
        bench.pass(SECOND);
        List<TenantUsageReported> tenant = reportsOf("");
        assertThat(tenant).hasSizeGreaterThan(asked);
        assertThat(tenant.get(tenant.size() - 1).rejectedAllocations()).isEqualTo(2);
        assertThat(tenant.get(tenant.size() - 1).activeAllocations()).isZero();
    }

    @Test
    void shadowCountsEachUserAndStopsNobody() {
        bench.table.applyPolicy(TENANT, policy(5, QuotaMode.SHADOW, OptionalLong.of(1_000)));
        bench.run();
        Allowance allowance = ((Admission.Admitted) bench.admit("al", 0).get(0)).allowance();
        assertThat(allowance.debit(50_000, CLIENT_TO_PEER)).isTrue();
        bench.pass(SECOND);
        assertThat(lastOf("al").spentBytes()).isEqualTo(50_000);
        assertThat(lastOf("al").periodId()).isEqualTo("2026-11");
    }

    @Test
    void closingSettlesUsersToo() {
        Allowance allowance = admitted(100_000);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
        allowance.close();
        bench.table.beginClose();
        bench.run();
        bench.table.applyGrant(ofUser("al", 1, 2, 1_000, false, true));
        assertThat(bench.table.isSettled()).as("the tenant's is not acknowledged").isFalse();
        bench.table.applyGrant(QuotaBench.grant(2, 1_000, bench.month("2026-11-01"), false, false, true));
        assertThat(bench.table.isSettled()).isTrue();
    }
}
