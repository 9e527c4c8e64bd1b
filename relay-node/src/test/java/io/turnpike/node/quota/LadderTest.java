package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static io.turnpike.node.quota.QuotaBench.policy;
import static io.turnpike.node.quota.QuotaBench.spendAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.event.QuotaAccountState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ladder of an exhausted hard quota on a node: trickle, silence, the end. */
class LadderTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long FIRST_BYTES = 2_000;
    /** 64 kbit/s for half a second, and for a second. */
    private static final long BURST_BYTES = 4_000;
    private static final long SECOND_BYTES = 8_000;
    private static final int PACKET = 100;

    private final QuotaBench bench = QuotaBench.hardWith(FIRST_BYTES);
    private final Allowance allowance = bench.allowance(0);

    private void exhausted(long seq, long bytes, boolean trickle) {
        QuotaPeriod november = bench.month("2026-11-01");
        bench.table.applyGrant(new QuotaGrant(TENANT, "", november.id(), november.start(), november.end(),
                NODE.nodeId(), NODE.epoch(), NODE.processNonce(), 5, seq, bytes, true, false, false, 0, trickle));
        bench.run();
    }

    /** Spends everything, hears that the quota is exhausted, and gets tail credit. */
    private void beginTrickle(long tailBytes) {
        spendAll(allowance, PACKET);
        exhausted(2, FIRST_BYTES, false);
        allowance.debit(PACKET, CLIENT_TO_PEER);
        bench.run();
        exhausted(3, FIRST_BYTES + tailBytes, true);
    }

    @Test
    void asksForTailCreditOnlyOnceTheQuotaIsExhausted() {
        spendAll(allowance, PACKET);
        bench.pass(SECOND);
        assertThat(bench.lastAccount()).extracting(QuotaAccountState::wantTailBytes).isEqualTo(0L);
        exhausted(2, FIRST_BYTES, false);
        allowance.debit(PACKET, CLIENT_TO_PEER);
        bench.pass(SECOND);
        assertThat(bench.lastAccount().wantTailBytes()).as("two seconds of one allocation").isEqualTo(16_000);
        assertThat(bench.lastAccount().wantBytes()).as("and goes on asking for ordinary credit").isPositive();
    }

    @Test
    void eachAllocationTricklesAtItsRate() {
        Allowance other = bench.allowance(1);
        beginTrickle(1_000_000);
        assertThat(spendAll(allowance, PACKET)).isEqualTo(BURST_BYTES);
        assertThat(spendAll(other, PACKET)).isEqualTo(BURST_BYTES);
        long spent = 0;
        for (int tenth = 0; tenth < 100; tenth++) {
            bench.pass(Duration.ofMillis(100));
            spent += spendAll(allowance, PACKET);
        }
        assertThat(spent).isEqualTo(10 * SECOND_BYTES);
    }

    @Test
    void tricklesNoMoreThanTheTailThatItWasGranted() {
        beginTrickle(1_500);
        long spent = spendAll(allowance, PACKET);
        for (int i = 0; i < 30; i++) {
            bench.pass(SECOND);
            spent += spendAll(allowance, PACKET);
        }
        assertThat(spent).isEqualTo(1_500);
    }

    @Test
    void isSilentAfterTheTrickleAndGivesTheRestBack() {
        beginTrickle(10_000_000);
        for (int second = 0; second < 59; second++) {
            bench.pass(SECOND);
            assertThat(allowance.debit(PACKET, CLIENT_TO_PEER)).isTrue();
        }
        bench.pass(Duration.ofSeconds(2));
        assertThat(allowance.debit(PACKET, CLIENT_TO_PEER)).isFalse();
        bench.pass(SECOND);
        assertThat(bench.lastAccount().capBytes()).isEqualTo(bench.lastAccount().drawnBytes());
        assertThat(bench.lastAccount().wantTailBytes()).isZero();
        assertThat(bench.lastAccount().wantBytes()).as("a raise finds it waiting").isPositive();
    }

    @Test
    void refusesNewAllocationsWhileItTrickles() {
        beginTrickle(1_000_000);
        assertThat(bench.admit(0)).containsExactly(new Admission.Refused(Admission.Reason.EXHAUSTED));
    }

    @Test
    void refusesNewAllocationsOnceTheQuotaIsExhaustedThoughCreditIsLeft() {
        QuotaBench holder = QuotaBench.hardWith(1_000_000);
        QuotaPeriod november = holder.month("2026-11-01");
        holder.table.applyGrant(new QuotaGrant(TENANT, "", november.id(), november.start(), november.end(), "n2", 1, 1,
                5, 1, 0, true, false, false, 0, false));
        List<Admission> answers = holder.admit(0);
        holder.run();
        assertThat(holder.lastAccount().wantBytes()).as("the ledger is asked").isPositive();
        holder.pass(Duration.ofMillis(400));
        assertThat(answers).hasSize(1).first().isInstanceOf(Admission.Refused.class);

        answers = holder.admit(0);
        holder.granted(2, 2_000_000);
        assertThat(answers).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void aStreamTricklesInParts() {
        beginTrickle(1_000_000);
        int first = allowance.debitUpTo(16_000, CLIENT_TO_PEER);
        assertThat(first).isEqualTo(4_000);
        assertThat(allowance.debitUpTo(16_000, CLIENT_TO_PEER)).isZero();
        bench.pass(SECOND);
        assertThat(allowance.debitUpTo(16_000, CLIENT_TO_PEER)).isEqualTo(4_000);
    }

    @Test
    void aRaisedVolumeRevivesFromTheTrickleAndFromSilence() {
        beginTrickle(1_000_000);
        spendAll(allowance, PACKET);
        bench.table.applyPolicy(TENANT, policy(6, QuotaMode.HARD, 200_000_000));
        bench.run();
        bench.table.applyGrant(bench.grant(4, 2_000_000));
        assertThat(spendAll(allowance, 1_000)).isGreaterThan(900_000);
    }

    @Test
    void endsAllocationsAfterTenMinutesOfSilence() {
        beginTrickle(1_000);
        spendAll(allowance, PACKET);
        bench.pass(Duration.ofMinutes(9));
        assertThat(allowance.isOver()).isFalse();
        bench.pass(Duration.ofMinutes(2));
        assertThat(allowance.isOver()).isTrue();
    }

    @Test
    void aRaiseInTimeKeepsThem() {
        beginTrickle(1_000);
        bench.pass(Duration.ofMinutes(9));
        bench.table.applyPolicy(TENANT, policy(6, QuotaMode.HARD, 200_000_000));
        bench.pass(Duration.ofMinutes(3));
        assertThat(allowance.isOver()).as("under this policy nobody has said that it is exhausted").isFalse();
    }

    @Test
    void silenceForWantOfControlEndsNothing() {
        spendAll(allowance, PACKET);
        bench.pass(Duration.ofMinutes(30));
        assertThat(allowance.isOver()).isFalse();
    }

    @Test
    void aNodeWithoutTheStepAsksForNoTail() {
        QuotaBench without = new QuotaBench(new Ladder(64_000, Duration.ZERO, Duration.ofMinutes(10)));
        without.granted(1, FIRST_BYTES);
        Allowance silent = without.allowance(0);
        spendAll(silent, PACKET);
        without.table.applyGrant(QuotaBench.grant(2, FIRST_BYTES, without.month("2026-11-01"), true, false, false));
        silent.debit(PACKET, CLIENT_TO_PEER);
        without.pass(SECOND);
        assertThat(without.lastAccount().wantBytes()).isPositive();
        assertThat(without.lastAccount().wantTailBytes()).isZero();
    }

    @Test
    void whatIsNotHeldToGrantsDoesNotTrickle() {
        beginTrickle(1_000);
        bench.table.applyPolicy(TENANT, policy(6, QuotaMode.SOFT, 1));
        exhausted(4, FIRST_BYTES + 1_000, true);
        assertThat(allowance.debit(10_000_000, CLIENT_TO_PEER)).isTrue();
    }
}
