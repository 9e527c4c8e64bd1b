package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.quota.SpendLog.Claim;
import io.turnpike.node.quota.SpendLog.Page;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What becomes of users' quotas while the ledger is silent, and what of them is written down ahead: nothing. */
class UsersWithoutControlTest {
    private static final long OF_TENANT = 10_000_000;
    private static final long OF_USER = 30_000;
    private static final NodeIdentity NEXT = new NodeIdentity(NODE.nodeId(), NODE.epoch() + 1, 7);

    private final MemorySpendLog log = MemorySpendLog.fresh();

    private static QuotaPolicy policy(OnControlLoss onControlLoss) {
        return new QuotaPolicy(5, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC, 0, OptionalLong.of(100_000_000),
                OptionalLong.of(1_000_000), onControlLoss, SafeRate.STANDARD);
    }

    private QuotaBench granted(OnControlLoss onControlLoss) {
        QuotaBench bench = QuotaBench.keeping(log, NODE, policy(onControlLoss));
        bench.granted(1, OF_TENANT);
        bench.run();
        return bench;
    }

    /** The allowance of a user whose own credit is granted once. */
    private static Allowance admitted(QuotaBench bench) {
        List<Admission> answers = bench.admit("al", 0);
        bench.run();
        QuotaPeriod november = bench.month("2026-11-01");
        bench.table.applyGrant(new QuotaGrant(TENANT, "al", november.id(), november.start(), november.end(),
                NODE.nodeId(), NODE.epoch(), NODE.processNonce(), 5, 1, OF_USER, false, false, false, bench.nanos(), 1,
                false, QuotaGrant.STANDARD_LEASE_NANOS));
        bench.run();
        return ((Admission.Admitted) answers.get(0)).allowance();
    }

    private static long spendFor(QuotaBench bench, Allowance allowance, Duration time) {
        return bench.spendFor(allowance, time, 500_000);
    }

    private static QuotaAccountState lastOfUser(QuotaBench bench) {
        List<QuotaAccountState> all = bench.reports.stream().filter(report -> report.userId().equals("al"))
                .flatMap(report -> report.accounts().stream()).toList();
        return all.get(all.size() - 1);
    }

    @Test
    void underStopAndSafeRateAUserStopsWhereHisCreditEnds() {
        for (OnControlLoss action : List.of(OnControlLoss.STOP, OnControlLoss.SAFE_RATE)) {
            QuotaBench bench = granted(action);
            Allowance allowance = admitted(bench);
            assertThat(spendFor(bench, allowance, Duration.ofSeconds(20))).as("%s", action)
                    .isBetween(OF_USER - 500, OF_USER);
            assertThat(lastOfUser(bench).ungrantedBytes()).isZero();
            assertThat(bench.table.tenantsWithoutControl()).as("users' silence counts").isEqualTo(1);
        }
    }

    @Test
    void underAllowAUserGoesOnWithHisTenant() {
        QuotaBench bench = granted(OnControlLoss.ALLOW);
        Allowance allowance = admitted(bench);
        assertThat(spendFor(bench, allowance, Duration.ofSeconds(4))).as("control is not lost yet")
                .isLessThanOrEqualTo(OF_USER);
        spendFor(bench, allowance, Duration.ofSeconds(3));
        for (int i = 0; i < 10; i++) {
            for (int datagram = 0; datagram < 200; datagram++) {
                assertThat(allowance.debit(500, CLIENT_TO_PEER)).isTrue();
            }
            bench.pass(Duration.ofMillis(100));
        }
        bench.pass(Duration.ofSeconds(1));
        assertThat(lastOfUser(bench).ungrantedBytes()).isGreaterThan(1_000_000 - OF_USER);
    }

    @Test
    void whatAUserMaySpendIsNotWrittenDownAndWaitsForNoDisk() {
        QuotaBench bench = granted(OnControlLoss.STOP);
        log.slow = true;
        Allowance allowance = admitted(bench);
        assertThat(spendFor(bench, allowance, Duration.ofSeconds(1))).isGreaterThan(OF_USER - 500);
        log.finish();
        assertThat(log.onDisk.claims()).extracting(Claim::userId).containsOnly("");
    }

    @Test
    void aClaimOfAUserIsNotReadAsHisTenants() {
        Page page = new Page(List.of(new Claim(NODE.epoch(), NODE.processNonce(), TENANT, "al", "2026-11", 5, 1, 1_000,
                0)), List.of(), Instant.EPOCH);
        QuotaBench bench = QuotaBench.keeping(new MemorySpendLog(Optional.of(page)), NEXT, policy(OnControlLoss.STOP));
        bench.admit("al", 0);
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.reports).isNotEmpty().allSatisfy(
                report -> assertThat(report.accounts()).noneMatch(QuotaAccountState::finalReport));
        assertThat(bench.table.isSettled()).isTrue();
    }
}
