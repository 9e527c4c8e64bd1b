package io.turnpike.node.quota;

import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.ShareBench.RATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.quota.Admission.Reason;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Caps of rate and allocations beside a volume that a node goes on with, and beside users' volumes. */
class SharesBesideVolumeTest {
    private static final long LEASE_NANOS = Duration.ofSeconds(60).toNanos();

    private static QuotaPolicy policy(OptionalLong volume, OptionalLong userVolume, Caps caps) {
        return new QuotaPolicy(5, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC, 0, volume, userVolume,
                OnControlLoss.ALLOW, SafeRate.STANDARD, caps);
    }

    private static QuotaBench bench(QuotaPolicy policy) {
        return QuotaBench.keeping(MemorySpendLog.fresh(), NODE, policy);
    }

    private static void share(QuotaBench bench, long bits, int slots) {
        bench.table.applyShare(new QuotaShare(TENANT, "", NODE.nodeId(), NODE.epoch(), NODE.processNonce(), 1, bits,
                slots, false, false, false, bench.nanos(), LEASE_NANOS));
        bench.run();
    }

    private static void grantUser(QuotaBench bench, String user, long opening, long bytes) {
        QuotaPeriod november = bench.month("2026-11-01");
        bench.table.applyGrant(new QuotaGrant(TENANT, user, november.id(), november.start(), november.end(),
                NODE.nodeId(), NODE.epoch(), NODE.processNonce(), 5, 1, bytes, false, false, false, bench.nanos(),
                opening, false, QuotaGrant.STANDARD_LEASE_NANOS));
        bench.run();
    }

    @Test
    void whoGoesOnWithoutControlAdmitsNobodyWithoutAShare() {
        QuotaBench bench = bench(policy(OptionalLong.of(100_000_000), OptionalLong.empty(), ShareBench.slots(9)));
        List<Admission> answers = bench.admit("al", 0);
        bench.pass(Duration.ofMillis(500));
        assertThat(answers).containsExactly(new Admission.Refused(Reason.NO_GRANT));
    }

    @Test
    void whoGoesOnWithoutControlAdmitsNoMoreThanItHasSlots() {
        QuotaBench bench = bench(policy(OptionalLong.of(100_000_000), OptionalLong.empty(), ShareBench.slots(9)));
        bench.pass(Duration.ofMillis(900));
        List<Admission> first = bench.admit("al", 0);
        bench.pass(Duration.ofMillis(200));
        assertThat(bench.last().share()).as("it asks for both").isPresent();
        share(bench, 0, 1);
        assertThat(first).as("it waits for credit").isEmpty();
        bench.pass(Duration.ofMillis(500));
        assertThat(first).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
        List<Admission> second = bench.admit("bea", 0);
        bench.pass(Duration.ofMillis(500));
        assertThat(second).containsExactly(new Admission.Refused(Reason.NO_SLOT));
    }

    @Test
    void aUserWhoHasUsedHisVolumeTakesNothingOfTheTenantsRate() {
        QuotaBench bench = bench(policy(OptionalLong.empty(), OptionalLong.of(1_000_000),
                new Caps(OptionalLong.of(RATE), OptionalLong.empty(), OptionalLong.empty(), OptionalInt.empty(),
                        OptionalInt.empty())));
        List<Admission> al = bench.admit("al", 0);
        List<Admission> bea = bench.admit("bea", 0);
        bench.run();
        share(bench, RATE, 9);
        grantUser(bench, "al", 1, 3_000);
        grantUser(bench, "bea", 2, 500_000);
        Allowance spent = ((Admission.Admitted) al.get(0)).allowance();
        assertThat(QuotaBench.spendAll(spent, 1_000)).isEqualTo(3_000);
        for (Direction direction : Direction.values()) {
            for (int i = 0; i < 1_000; i++) {
                assertThat(spent.debit(1_000, direction)).isFalse();
                assertThat(spent.debitAhead(1_000, direction)).isFalse();
                assertThat(spent.debitUpTo(1_000, direction)).isZero();
            }
        }
        assertThat(spent.isOverRate()).as("it is the volume that refuses").isFalse();
        Allowance other = ((Admission.Admitted) bea.get(0)).allowance();
        long passed = 0;
        for (Direction direction : Direction.values()) {
            for (int i = 0; i < 1_000; i++) {
                passed += other.debit(1_000, direction) ? 1_000 : 0;
            }
        }
        assertThat(passed).isBetween(RATE / 80 - 10_000, RATE / 80);
    }
}
