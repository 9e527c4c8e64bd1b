package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.ShareBench.RATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What passes under a rate: of users and of allocations, of streams, and of those who come back. */
class RatesTest {
    private static final long RATE_BYTES = RATE / 8;

    @Test
    void ratesOfUsersAndAllocationsNeedNoLedger() {
        ShareBench users = new ShareBench(OnControlLoss.STOP,
                ShareBench.ratesHere(OptionalLong.of(RATE), OptionalLong.empty()));
        Allowance one = ((Admission.Admitted) users.quota.admit("al", 0).get(0)).allowance();
        Allowance two = ((Admission.Admitted) users.quota.admit("al", 1).get(0)).allowance();
        Allowance other = ((Admission.Admitted) users.quota.admit("bea", 1).get(0)).allowance();
        long shared = QuotaBench.spendAll(one, 1_000) + QuotaBench.spendAll(two, 1_000);
        assertThat(shared).isLessThanOrEqualTo(RATE_BYTES / 10);
        assertThat(QuotaBench.spendAll(other, 1_000)).isEqualTo(RATE_BYTES / 10);
        ShareBench allocations = new ShareBench(OnControlLoss.STOP,
                ShareBench.ratesHere(OptionalLong.empty(), OptionalLong.of(RATE)));
        for (int i = 0; i < 2; i++) {
            Allowance each = ((Admission.Admitted) allocations.quota.admit("al", 0).get(0)).allowance();
            assertThat(QuotaBench.spendAll(each, 1_000)).isEqualTo(RATE_BYTES / 10);
        }
    }

    @Test
    void aUserWhoComesBackFindsNoMoreOfHisRateThanHeLeft() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP,
                ShareBench.ratesHere(OptionalLong.of(RATE), OptionalLong.empty()));
        long passed = 0;
        for (int time = 0; time < 20; time++) {
            passed += passedOnce(bench, "al");
            bench.quota.run();
        }
        assertThat(passed).isLessThanOrEqualTo(RATE_BYTES / 10);
        bench.quota.pass(Duration.ofSeconds(1));
        assertThat(passedOnce(bench, "al")).as("all of it later").isEqualTo(RATE_BYTES / 10);
    }

    /** What passes of an allocation that sends what it can at once and ends. */
    private static long passedOnce(ShareBench bench, String user) {
        Allowance allowance = ((Admission.Admitted) bench.quota.admit(user, 0).get(0)).allowance();
        long passed = QuotaBench.spendAll(allowance, 1_000);
        allowance.close();
        return passed;
    }

    @Test
    void aUserWhoComesBackOwesWhatHisStreamsSentAhead() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP,
                ShareBench.ratesHere(OptionalLong.of(64_000), OptionalLong.empty()));
        long passed = 0;
        for (int time = 0; time < 20; time++) {
            passed += passedAheadOnce(bench);
            bench.quota.run();
        }
        assertThat(passed).as("what the bucket held, and one message ahead of it").isBetween(60_000L, 64_000L);
        bench.quota.pass(Duration.ofSeconds(16)); // 64,000 bytes at half of this rate
        assertThat(passedAheadOnce(bench)).as("again when it is paid for").isGreaterThanOrEqualTo(60_000);
    }

    private static long passedAheadOnce(ShareBench bench) {
        Allowance allowance = ((Admission.Admitted) bench.quota.admit("al", 0).get(0)).allowance();
        long passed = QuotaBench.spendAll(allowance, 1_000);
        passed += allowance.debitAhead(60_000, CLIENT_TO_PEER) ? 60_000 : 0;
        allowance.close();
        return passed;
    }

    @Test
    void aStreamWaitsInsteadAndIsNeverCut() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        Allowance allowance = bench.allowance(RATE, 9);
        long passed = 0;
        for (int tick = 0; tick < 100; tick++) {
            for (int part = allowance.debitUpTo(65_536, CLIENT_TO_PEER); part > 0; part = allowance.debitUpTo(65_536,
                    CLIENT_TO_PEER)) {
                passed += part;
            }
            bench.quota.pass(Duration.ofMillis(100));
        }
        assertThat(passed).isBetween(RATE_BYTES * 10 * 95 / 100, RATE_BYTES * 10 + RATE_BYTES / 8);
        assertThat(bench.last().demandBitsPerSecond()).as("it would take more").isGreaterThan(RATE * 3 / 2);
    }

    @Test
    void messagesOfAStreamPassAheadOfTimeAndArePaidForLater() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        Allowance allowance = bench.allowance(RATE, 9);
        long passed = 0;
        long refused = 0;
        for (int tick = 0; tick < 100; tick++) {
            boolean reading = true;
            while (reading) {
                reading = allowance.debit(1_200, CLIENT_TO_PEER);
                boolean ahead = !reading && allowance.debitAhead(1_200, CLIENT_TO_PEER);
                passed += reading || ahead ? 1_200 : 0;
                refused += reading || ahead ? 0 : 1;
            }
            bench.quota.pass(Duration.ofMillis(100));
        }
        assertThat(refused).isZero();
        assertThat(passed).isBetween(RATE_BYTES * 10 * 95 / 100, RATE_BYTES * 10 + RATE_BYTES / 5);
    }
}
