package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.DAY;
import static io.turnpike.node.quota.QuotaBench.HARD;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.daily;
import static io.turnpike.node.quota.QuotaBench.grant;
import static io.turnpike.node.quota.QuotaBench.ofPolicy;
import static io.turnpike.node.quota.QuotaBench.policy;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.groups.Tuple.tuple;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.event.QuotaAccountState;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules 2 and 14 of docs/quota-protocol.md, by number: a period binds what is spent in it, and none comes back. */
class PeriodRulesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void rule2LetsNobodyDrawAfterThePeriodEvenBeforeTheReportThreadSeesItsEnd() {
        QuotaBench bench = QuotaBench.hardWith(1_000_000);
        Allowance allowance = bench.allowance(0);
        bench.wallIs(Instant.parse("2026-12-01T00:00:00Z"));
        assertThat(allowance.debit(1000, CLIENT_TO_PEER)).isFalse();
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
                .containsExactly(tuple("2026-11", true),
                        tuple("2026-12", false));
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
    void rule14SpendsAnEarlyGrantThoughADayThatTheNodeNamedItselfGoesOn() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        bench.table.applyPolicy(TENANT, new QuotaPolicy(4, QuotaMode.OFF, PeriodKind.DAY, ZoneId.of("America/New_York"),
                OptionalLong.empty(), OnControlLoss.STOP));
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        bench.table.applyPolicy(TENANT, HARD);
        bench.table.applyGrant(grant(1, 7_000, bench.month("2026-12-01"), false, false, false));
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).isFalse();
        bench.pass(Duration.ofSeconds(3));
        assertThat(spendAll(allowance, 100)).isEqualTo(7_000);
    }

    @Test
    void rule14KeepsOneAccountOfAPeriodThatWasGrantedAheadAndThatThePolicyNamesToo() {
        QuotaBench bench = QuotaBench.hard();
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        bench.admit(0);
        bench.run();
        bench.table.applyGrant(grant(1, 7_000, bench.month("2026-12-01"), false, false, false));
        bench.wallIs(Instant.parse("2026-12-01T00:00:01Z")); // the policy is read before the report thread sees the roll
        bench.table.applyPolicy(TENANT, policy(6, QuotaMode.OFF, 1_000_000));
        bench.allowance(1).debit(3_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        assertThat(bench.last().accounts()).extracting(QuotaAccountState::periodId, QuotaAccountState::grantSeq,
                QuotaAccountState::spentBytes).containsExactly(tuple("2026-12", 1L, 3_000L));
    }

    @Test
    void rule14KeepsOneAccountOfAMonthThatWasGrantedAheadAndThatAPolicyComesBackTo() {
        QuotaBench bench = QuotaBench.hardWith(3_000);
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        bench.table.applyGrant(grant(1, 7_000, bench.month("2026-12-01"), false, false, false));
        bench.table.applyPolicy(TENANT, daily(6, QuotaMode.OFF));
        Allowance allowance = bench.allowance(0);
        allowance.debit(2_000, CLIENT_TO_PEER);
        bench.run();
        bench.wallIs(Instant.parse("2026-12-01T00:00:01Z"));
        bench.table.applyPolicy(TENANT, policy(7, QuotaMode.OFF, 1_000_000));
        allowance.debit(3_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        assertThat(bench.last().accounts()).filteredOn(account -> account.periodId().equals("2026-12"))
                .extracting(QuotaAccountState::grantSeq, QuotaAccountState::spentBytes)
                .containsExactly(tuple(1L, 3_000L));
    }

    @Test
    void rule14DropsSlicesOfTheOldPeriod() {
        QuotaBench bench = QuotaBench.hardWith(1_000_000);
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        Allowance allowance = bench.allowance(0);
        allowance.debit(100, CLIENT_TO_PEER);
        bench.pass(Duration.ofSeconds(3));
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).as("nothing is granted for the new period").isFalse();
    }

    @Test
    void rule14NeverGoesBackToAnEarlierPeriod() {
        QuotaBench bench = QuotaBench.hardWith(3_000);
        Allowance allowance = bench.allowance(0);
        bench.table.applyGrant(grant(9, 90_000, bench.month("2026-10-01"), false, false, false));
        assertThat(spendAll(allowance, 100)).isEqualTo(3_000);
    }

    @Test
    void rule14NeverGoesBackToAnEarlierPeriodUnderANewerPolicy() {
        QuotaBench bench = QuotaBench.hardWith(3_000);
        Allowance allowance = bench.allowance(0);
        QuotaPeriod earlier = new QuotaPeriod("2026-10", Instant.parse("2026-10-01T00:00:00Z"),
                Instant.parse("2026-11-30T00:00:00Z"));
        bench.table.applyGrant(ofPolicy(HARD.policyEpoch() + 1, 1, 90_000, earlier, false));
        assertThat(spendAll(allowance, 100)).isEqualTo(3_000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rule14KeepsForItsTimeAMonthThatAFastClockBegan(boolean ledgerHasNotedItsUse) {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.wallIs(Instant.parse("2026-12-01T00:00:10Z"));
        bench.table.applyPolicy(TENANT, policy(4, QuotaMode.OFF, 1_000_000));
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        if (ledgerHasNotedItsUse) {
            bench.table.applyGrant(ofPolicy(4, 1, 5_000, bench.month("2026-12-01"), false));
        }
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        bench.table.applyPolicy(TENANT, HARD);
        bench.run();
        bench.table.applyGrant(grant(1, 2_000, bench.month("2026-11-01"), false, false, false));
        assertThat(spendAll(allowance, 100)).isEqualTo(2_000);
        bench.pass(Duration.ofSeconds(3));
        assertThat(bench.last().billableBytes()).isEqualTo(7_000);
        bench.table.applyGrant(grant(2, 8_000, bench.month("2026-12-01"), false, false, false));
        assertThat(spendAll(allowance, 100)).isEqualTo(3_000);
    }

    @Test
    void rule14TakesThePeriodOfANewerPolicyThoughItBeganBeforeTheDay() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.table.applyPolicy(TENANT, daily(4, QuotaMode.OFF));
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        bench.table.applyGrant(ofPolicy(4, 1, 5_000, DAY, false)); // the ledger notes the use of an unlimited tenant
        bench.table.applyPolicy(TENANT, HARD);
        bench.run();
        bench.table.applyGrant(ofPolicy(HARD.policyEpoch(), 2, 5_000, DAY, false));
        bench.table.applyGrant(ofPolicy(HARD.policyEpoch(), 1, 8_000, bench.month("2026-11-01"), false));
        assertThat(spendAll(allowance, 100)).isEqualTo(8_000);
        bench.pass(SECOND);
        assertThat(bench.last().accounts()).extracting(QuotaAccountState::periodId, QuotaAccountState::finalReport)
                .containsExactly(tuple("2026-11-22", false),
                        tuple("2026-11", false));
    }

    @Test
    void rule14ComesBackToADayThatWasLeftForTheMonth() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.table.applyPolicy(TENANT, daily(4, QuotaMode.OFF));
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        bench.table.applyPolicy(TENANT, HARD);
        bench.table.applyGrant(ofPolicy(5, 1, 8_000, bench.month("2026-11-01"), false));
        assertThat(spendAll(allowance, 100)).isEqualTo(8_000);
        bench.table.applyGrant(ofPolicy(6, 1, 5_000, DAY, false)); // what the ledger says of the day that was left
        assertThat(allowance.debit(100, CLIENT_TO_PEER)).isFalse();
        bench.table.applyPolicy(TENANT, daily(7, QuotaMode.HARD));
        bench.table.applyGrant(ofPolicy(7, 2, 8_000, DAY, false));
        assertThat(spendAll(allowance, 100)).isEqualTo(3_000);
    }

    @Test
    void rule14BeginsTheNextDayEarlyWhereTheOldOneIsNotOverInTheZoneFurtherWest() {
        QuotaBench bench = inKolkataAt("2026-11-22T20:00:00Z");
        bench.table.applyPolicy(TENANT, daily(5, QuotaMode.OFF));
        bench.wallIs(Instant.parse("2026-11-23T18:30:00Z"));
        bench.pass(SECOND);
        assertThat(forwardedThen(bench)).containsExactly(entry("2026-11-23", 5_000L), entry("2026-11-24", 3_000L));
    }

    @Test
    void rule14LetsADayEndWhereAZoneFurtherEastEndsItAtOnce() {
        QuotaBench bench = inKolkataAt("2026-11-22T12:00:00Z");
        bench.table.applyPolicy(TENANT, new QuotaPolicy(5, QuotaMode.OFF, PeriodKind.DAY, ZoneId.of("Asia/Tokyo"),
                OptionalLong.empty(), OnControlLoss.STOP));
        bench.wallIs(Instant.parse("2026-11-22T15:00:00Z"));
        bench.pass(SECOND);
        assertThat(forwardedThen(bench)).containsExactly(entry("2026-11-22", 5_000L), entry("2026-11-23", 3_000L));
    }

    @Test
    void rule14GoesBackToNoEarlierDayOverAMonth() {
        QuotaBench bench = inKolkataAt("2026-11-22T20:00:00Z");
        bench.table.applyPolicy(TENANT, policy(5, QuotaMode.OFF, 1_000_000));
        bench.pass(SECOND);
        bench.table.applyPolicy(TENANT, daily(6, QuotaMode.OFF));
        assertThat(forwardedThen(bench)).contains(entry("2026-11-23", 8_000L));
    }

    /** A tenant without a limit, who has forwarded 5,000 bytes in the day that it is there. */
    private static QuotaBench inKolkataAt(String instant) {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.wallIs(Instant.parse(instant));
        bench.table.applyPolicy(TENANT, new QuotaPolicy(4, QuotaMode.OFF, PeriodKind.DAY, ZoneId.of("Asia/Kolkata"),
                OptionalLong.empty(), OnControlLoss.STOP));
        bench.allowance(0).debit(5_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        return bench;
    }

    /** Forwards 3,000 bytes more; what was forwarded in each period, in the order of the report. */
    private static Map<String, Long> forwardedThen(QuotaBench bench) {
        bench.allowance(0).debit(3_000, CLIENT_TO_PEER);
        bench.pass(SECOND);
        Map<String, Long> forwarded = new LinkedHashMap<>();
        bench.last().accounts().forEach(account -> forwarded.put(account.periodId(), account.spentBytes()));
        return forwarded;
    }

    @Test
    void rule14TakesThePeriodOfTheDefaultPolicyWhenTheTenantsOwnIsRemoved() {
        QuotaBench bench = new QuotaBench(policy(0, QuotaMode.HARD, 1_000_000), 1);
        bench.table.applyPolicy(TENANT, daily(4, QuotaMode.OFF));
        Allowance allowance = bench.allowance(0);
        allowance.debit(5_000, CLIENT_TO_PEER);
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
    void aRefusedSendOfTheOldPeriodMakesNoCreditInTheNewOne() {
        QuotaBench bench = QuotaBench.hardWith(3_000);
        bench.wallIs(Instant.parse("2026-11-30T23:59:58Z"));
        Allowance allowance = bench.allowance(0);
        allowance.debit(1_000, CLIENT_TO_PEER);
        bench.table.applyGrant(grant(1, 2_000, bench.month("2026-12-01"), false, false, false));
        bench.pass(Duration.ofSeconds(3));
        assertThat(allowance.debit(500, CLIENT_TO_PEER)).isTrue();
        allowance.refund(1_000);
        assertThat(spendAll(allowance, 100)).isEqualTo(1_500);
    }
}
