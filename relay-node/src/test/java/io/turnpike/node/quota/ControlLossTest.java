package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.quota.SpendLog.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What a node does when its credit is spent and the ledger is silent (QUOTA.md rule 10). */
class ControlLossTest {
    private static final long GRANT = 100_000;
    private static final long GRACE = 500_000;
    private static final long RATE = 40_000;
    private static final NodeIdentity NEXT = new NodeIdentity(NODE.nodeId(), NODE.epoch() + 1, 7);

    private final MemorySpendLog log = MemorySpendLog.fresh();

    private static QuotaPolicy policy(OnControlLoss onControlLoss) {
        return new QuotaPolicy(5, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC, 0, OptionalLong.of(100_000_000),
                OptionalLong.empty(), onControlLoss, new SafeRate(RATE * 8, GRACE));
    }

    private QuotaBench granted(OnControlLoss onControlLoss) {
        QuotaBench bench = QuotaBench.keeping(log, NODE, policy(onControlLoss));
        bench.granted(1, GRANT);
        bench.run();
        return bench;
    }

    /** Sends up to 2 MB/s; what went. */
    private static long spendFor(QuotaBench bench, Allowance allowance, Duration time) {
        return bench.spendFor(allowance, time, 2_000_000);
    }

    @Test
    void stopForwardsWhatWasGrantedAndNothingMore() {
        QuotaBench bench = granted(OnControlLoss.STOP);
        assertThat(spendFor(bench, bench.allowance(0), Duration.ofSeconds(60))).isLessThanOrEqualTo(GRANT);
        assertThat(bench.table.tenantsWithoutControl()).isEqualTo(1);
    }

    @Test
    void heldCreditIsSpentToTheEndHoweverLongControlIsLost() {
        QuotaBench bench = granted(OnControlLoss.STOP);
        Allowance allowance = bench.allowance(0);
        for (int second = 0; second < 400; second++) {
            assertThat(allowance.debit(200, CLIENT_TO_PEER)).as("second %d", second).isTrue();
            bench.pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void safeRateGoesOnAtItsRateWhenCreditIsSpentAndControlLost() {
        QuotaBench bench = granted(OnControlLoss.SAFE_RATE);
        Allowance allowance = bench.allowance(0);
        long before = spendFor(bench, allowance, Duration.ofSeconds(4));
        assertThat(before).as("control is not lost yet").isLessThanOrEqualTo(GRANT);
        spendFor(bench, allowance, Duration.ofSeconds(2));
        long spent = spendFor(bench, allowance, Duration.ofSeconds(5));
        assertThat(spent).isBetween(4 * RATE, 5 * RATE + RATE);
        assertThat(bench.lastAccount().ungrantedBytes()).isPositive();
        assertThat(bench.lastAccount().capBytes()).as("the report claims no credit").isEqualTo(
                bench.lastAccount().drawnBytes());
    }

    /** The ledger's days are of one zone until the roll, although the policy has another one further east by now. */
    @Test
    void goesOnInThePeriodBeforeTheOneThatIsGrantedAhead() {
        QuotaBench bench = QuotaBench.keeping(log, NODE, new QuotaPolicy(5, QuotaMode.HARD, PeriodKind.DAY,
                ZoneId.of("Europe/Berlin"), OptionalLong.of(100_000_000), OnControlLoss.ALLOW));
        bench.wallIs(Instant.parse("2026-11-22T23:59:30Z"));
        bench.table.applyGrant(QuotaBench.ofPolicy(5, 1, GRANT,
                PeriodKind.DAY.at(Instant.parse("2026-11-23T12:00:00Z"), 0, ZoneOffset.UTC), false));
        bench.admit(0);
        bench.pass(Duration.ofSeconds(6));
        assertThat(spendAll(bench.allowance(0), 500)).isPositive();
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.last().accounts()).extracting(QuotaAccountState::periodId).containsExactlyInAnyOrder(
                "2026-11-22", "2026-11-23");
        bench.pass(Duration.ofSeconds(30));
        assertThat(bench.last().accounts()).filteredOn(account -> !account.finalReport())
                .extracting(QuotaAccountState::periodId).containsExactly("2026-11-23");
    }

    @Test
    void goesOnInTheMonthThatItLeftForADayUnderTheAccountThatItHasThere() {
        QuotaBench bench = QuotaBench.keeping(log, NODE, policy(OnControlLoss.ALLOW));
        bench.admit(0);
        bench.pass(Duration.ofSeconds(6));
        Allowance allowance = bench.allowance(0);
        allowance.debit(500, CLIENT_TO_PEER);
        bench.table.applyGrant(QuotaBench.ofPolicy(6, 1, GRANT, QuotaBench.DAY, false));
        bench.run();
        bench.wallIs(Instant.parse("2026-11-23T00:00:01Z"));
        assertThat(bench.spendFor(allowance, Duration.ofSeconds(8), 5_000)).isPositive();
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.last().accounts()).extracting(QuotaAccountState::periodId).containsOnlyOnce("2026-11");
        assertThat(bench.last().accounts()).filteredOn(account -> account.periodId().equals("2026-11"))
                .allMatch(account -> account.spentBytes() > 500 && account.wantBytes() > 0);
    }

    @Test
    void reportsOfItsGraceOnlyWhatWasDrawn() {
        QuotaBench bench = granted(OnControlLoss.SAFE_RATE);
        Allowance allowance = bench.allowance(0);
        long spent = spendFor(bench, allowance, Duration.ofSeconds(6));
        bench.pass(Duration.ofSeconds(5));
        long drawn = bench.lastAccount().drawnBytes();
        assertThat(bench.lastAccount().ungrantedBytes()).as("and not what it may draw on").isEqualTo(drawn - GRANT);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).as("it may").isTrue();
        assertThat(drawn).isGreaterThanOrEqualTo(spent);
        bench.granted(2, GRANT);
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.lastAccount().ungrantedBytes()).as("it stays used").isGreaterThanOrEqualTo(drawn - GRANT);
    }

    @Test
    void safeRateEndsWithItsGraceHoweverOftenControlIsLost() {
        QuotaBench bench = granted(OnControlLoss.SAFE_RATE);
        Allowance allowance = bench.allowance(0);
        long spent = 0;
        for (int flap = 0; flap < 6; flap++) {
            spent += spendFor(bench, allowance, Duration.ofSeconds(15));
            bench.granted(flap + 2, Math.min(GRANT, spent));
            bench.run();
        }
        assertThat(spent).isBetween(GRANT + GRACE - 10_000, GRANT + GRACE);
    }

    @Test
    void aNewProcessGoesOnWithWhatIsLeftOfTheGrace() {
        long spent = 0;
        MemorySpendLog disk = log;
        for (int start = 0; start < 8; start++) {
            NodeIdentity node = new NodeIdentity(NODE.nodeId(), NODE.epoch() + start, start);
            QuotaBench bench = QuotaBench.keeping(disk, node, policy(OnControlLoss.SAFE_RATE));
            List<Admission> answers = bench.admit(0);
            bench.pass(Duration.ofMillis(500));
            if (answers.get(0) instanceof Admission.Admitted admitted) {
                spent += spendFor(bench, admitted.allowance(), Duration.ofSeconds(4));
            }
            disk = disk.next();
        }
        assertThat(spent).isBetween(GRACE / 2, GRACE);
    }

    @Test
    void nothingGoesOnBeforeItIsWrittenDown() {
        QuotaBench bench = granted(OnControlLoss.SAFE_RATE);
        Allowance allowance = bench.allowance(0);
        log.outcome = Outcome.FAILED;
        assertThat(spendFor(bench, allowance, Duration.ofSeconds(30))).isLessThanOrEqualTo(GRANT);
    }

    @Test
    void whoDoesNotKnowThePastHasNoGraceInAPeriodThatRuns() {
        QuotaBench bench = QuotaBench.keeping(new MemorySpendLog(Optional.empty()), NEXT,
                policy(OnControlLoss.SAFE_RATE));
        assertRefusesInNovemberAndAdmitsInDecember(bench);
    }

    @Test
    void norHasTheProcessAfterItWhichFindsItsPage() {
        MemorySpendLog lost = new MemorySpendLog(Optional.empty());
        QuotaBench unknowing = QuotaBench.keeping(lost, NODE, policy(OnControlLoss.SAFE_RATE));
        unknowing.granted(1, GRANT);
        unknowing.run();
        assertThat(lost.writes).isPositive();
        MemorySpendLog disk = lost.next();
        QuotaBench bench = QuotaBench.keeping(disk, NEXT, policy(OnControlLoss.SAFE_RATE));
        assertRefusesInNovemberAndAdmitsInDecember(bench);
    }

    private static void assertRefusesInNovemberAndAdmitsInDecember(QuotaBench bench) {
        List<Admission> answers = bench.admit(0);
        bench.pass(Duration.ofSeconds(1));
        assertThat(answers).containsExactly(new Admission.Refused(Admission.Reason.NO_GRANT));
        bench.wallIs(Instant.parse("2026-12-01T00:00:01Z"));
        bench.pass(Duration.ofSeconds(1));
        List<Admission> inDecember = bench.admit(0);
        bench.pass(Duration.ofSeconds(1));
        assertThat(inDecember).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void allowGoesOnAndSaysSo() {
        QuotaBench bench = granted(OnControlLoss.ALLOW);
        Allowance allowance = bench.allowance(0);
        spendFor(bench, allowance, Duration.ofSeconds(6));
        for (int i = 0; i < 50; i++) {
            for (int datagram = 0; datagram < 1_000; datagram++) {
                assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
            }
            bench.pass(Duration.ofMillis(100));
        }
        assertThat(bench.lastAccount().ungrantedBytes()).isGreaterThan(50_000_000 - GRANT);
        assertThat(bench.lastAccount().drawnBytes()).isLessThanOrEqualTo(log.onDisk.claims().get(0).ceilingBytes());
    }

    @Test
    void anAnswerEndsTheGrace() {
        QuotaBench bench = granted(OnControlLoss.SAFE_RATE);
        Allowance allowance = bench.allowance(0);
        spendFor(bench, allowance, Duration.ofSeconds(8));
        QuotaGrant repeated = bench.grant(1, GRANT);
        bench.table.applyGrant(repeated);
        bench.run();
        spendAll(allowance, 500);
        assertThat(spendFor(bench, allowance, Duration.ofSeconds(3))).isZero();
        assertThat(bench.table.tenantsWithoutControl()).isZero();
    }

    @Test
    void anExhaustedQuotaIsNotALostOne() {
        QuotaBench bench = granted(OnControlLoss.ALLOW);
        Allowance allowance = bench.allowance(0);
        bench.table.applyGrant(QuotaBench.grant(2, GRANT, bench.month("2026-11-22"), true, false, false));
        assertThat(spendFor(bench, allowance, Duration.ofSeconds(30))).isLessThanOrEqualTo(GRANT);
    }

    @Test
    void aNewTenantWithoutControlIsAdmittedWhenItsWaitIsOver() {
        for (OnControlLoss action : OnControlLoss.values()) {
            QuotaBench bench = QuotaBench.keeping(MemorySpendLog.fresh(), NODE, policy(action));
            List<Admission> answers = bench.admit(0);
            bench.pass(Duration.ofMillis(300));
            assertThat(answers).isEmpty();
            bench.pass(Duration.ofMillis(200));
            assertThat(answers).hasSize(1);
            if (action == OnControlLoss.STOP) {
                assertThat(answers).containsExactly(new Admission.Refused(Admission.Reason.NO_GRANT));
            } else {
                Allowance allowance = ((Admission.Admitted) answers.get(0)).allowance();
                bench.run();
                assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).as("%s", action).isTrue();
                bench.pass(Duration.ofSeconds(1));
                assertThat(bench.lastAccount()).extracting(QuotaAccountState::periodId).isEqualTo("2026-11");
            }
        }
    }

    @Test
    void aFencedProcessHasNoGrace() {
        QuotaBench bench = granted(OnControlLoss.ALLOW);
        Allowance allowance = bench.allowance(0);
        spendFor(bench, allowance, Duration.ofSeconds(8));
        bench.table
                .applyGrant(new QuotaGrant(TENANT, "", "2026-11", QuotaBench.START, QuotaBench.START.plusSeconds(9_999),
                        NEXT.nodeId(), NEXT.epoch(), NEXT.processNonce(), 5, 1, GRANT, false, false, false, 0, false));
        assertThat(spendFor(bench, allowance, Duration.ofSeconds(8))).isZero();
    }
}
