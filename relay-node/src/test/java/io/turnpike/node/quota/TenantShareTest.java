package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.ShareBench.RATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.UserSlotState;
import io.turnpike.node.quota.Admission.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a node does with its leased share; docs/quota-protocol.md, "Shares". */
class TenantShareTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long RATE_BYTES = RATE / 8;

    @Test
    void asksOnFirstContactAndRefusesWhereTheLedgerIsSilent() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        List<Admission> answers = bench.quota.admit(0);
        bench.quota.run();
        assertThat(bench.last().wanted()).isEqualTo(1);
        assertThat(bench.last().bitsPerSecond()).isZero();
        bench.quota.pass(Duration.ofMillis(400));
        assertThat(answers).containsExactly(new Admission.Refused(Reason.NO_GRANT));
    }

    @Test
    void dropsWhatIsAboveTheRateAndNeitherBillsNorCountsItAsQuota() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        Allowance allowance = bench.allowance(RATE, 9);
        long passed = bench.passed(allowance, Duration.ofSeconds(10));
        assertThat(passed).isBetween(RATE_BYTES * 10 * 95 / 100, RATE_BYTES * 10 + RATE_BYTES / 8);
        assertThat(allowance.isOverRate()).isTrue();
        bench.quota.pass(SECOND);
        assertThat(bench.quota.last().billableBytes()).isEqualTo(passed);
        assertThat(bench.quota.last().quotaDroppedBytes()).isZero();
    }

    @Test
    void reportsWhatWantsToPassAndNotOnlyWhatPasses() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        Allowance allowance = bench.allowance(RATE / 4, 9);
        for (int i = 0; i < 20; i++) {
            for (int packet = 0; packet < 100; packet++) {
                allowance.debit(1_000, CLIENT_TO_PEER);
            }
            bench.quota.pass(Duration.ofMillis(100));
        }
        assertThat(bench.last().demandBitsPerSecond()).isBetween(RATE * 9 / 10, RATE * 12 / 10);
    }

    @Test
    void aLeaseRunsFromTheReportThatItAnswersAndEndsOnTheNodesClock() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        Allowance allowance = bench.allowance(RATE, 9);
        bench.quota.pass(Duration.ofSeconds(58));
        bench.share(2, "", RATE, 9, bench.quota.nanos() - Duration.ofSeconds(57).toNanos(), false, false);
        bench.quota.pass(Duration.ofSeconds(2));
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).as("61 s after the first, 60 s after the second report")
                .isTrue();
        bench.quota.pass(Duration.ofSeconds(3));
        QuotaBench.spendAll(allowance, 1_000);
        bench.quota.pass(SECOND);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isFalse();
        assertThat(bench.last().bitsPerSecond()).isZero();
        List<Admission> answers = bench.quota.admit(0);
        bench.quota.pass(SECOND);
        assertThat(answers).containsExactly(new Admission.Refused(Reason.NO_GRANT));
    }

    @Test
    void aMachineThatStoodStillAsksBeforeItUsesWhatItHasLeased() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        Allowance allowance = bench.allowance(RATE, 9);
        bench.quota.pass(SECOND);
        long early = bench.quota.nanos();
        int reports = bench.quota.reports.size();
        bench.quota.wallIs(Instant.parse("2026-11-22T13:00:00Z"));
        bench.quota.run();
        assertThat(bench.quota.reports).hasSize(reports + 1);
        assertThat(bench.last().bitsPerSecond()).isZero();
        QuotaBench.spendAll(allowance, 1_000);
        bench.quota.pass(SECOND);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isFalse();
        List<Admission> answers = bench.quota.admit(0);
        bench.share(2, "", RATE, 9, early - 1, false, false);
        assertThat(answers).as("that answer was for the time before").isEmpty();
        bench.share(RATE, 9);
        assertThat(answers).singleElement().isInstanceOf(Admission.Admitted.class);
        bench.quota.pass(SECOND);
        assertThat(allowance.debit(1_000, CLIENT_TO_PEER)).isTrue();
    }

    @Test
    void takesNoAnswerToAReportThatWasNeverSent() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        List<Admission> answers = bench.quota.admit(0);
        bench.quota.run();
        bench.share(1, "", RATE, 9, bench.quota.nanos() + SECOND.toNanos(), false, false);
        assertThat(answers).isEmpty();
    }

    @Test
    void withoutALeaseSafeRateGoesOnAtItsRateAndAllowWithTheLastShare() {
        for (OnControlLoss rule : List.of(OnControlLoss.SAFE_RATE, OnControlLoss.ALLOW)) {
            ShareBench bench = new ShareBench(rule, ShareBench.rate());
            Allowance allowance = bench.allowance(RATE / 2, 9);
            bench.passed(allowance, Duration.ofSeconds(61));
            long passed = bench.passed(allowance, Duration.ofSeconds(10));
            long most = rule == OnControlLoss.ALLOW ? RATE_BYTES / 2 : RATE_BYTES / 10;
            assertThat(passed).as(rule.name()).isBetween(most * 9, most * 10 + most / 4);
            List<Admission> answers = bench.quota.admit(0);
            bench.quota.pass(SECOND);
            assertThat(answers.get(0) instanceof Admission.Admitted).isEqualTo(rule == OnControlLoss.ALLOW);
        }
    }

    @Test
    void takesOnlyNewerSharesAndNoneThatAnswersWhatItSaidBeforeItGaveUp() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        Allowance allowance = bench.allowance(RATE, 9);
        bench.share(1, "", RATE * 4, 9, bench.quota.nanos(), false, false);
        bench.quota.pass(SECOND);
        assertThat(bench.last().bitsPerSecond()).isEqualTo(RATE);
        long early = bench.quota.nanos();
        allowance.close();
        bench.quota.pass(Duration.ofSeconds(12));
        assertThat(bench.last().finalReport()).isTrue();
        bench.share(50, "", RATE, 9, early, false, false);
        List<Admission> answers = bench.quota.admit(0);
        bench.quota.run();
        bench.share(60, "", RATE, 9, early, false, false);
        assertThat(answers).isEmpty();
        bench.share(61, "", RATE, 9, bench.quota.last().reportMonotonicNanos(), false, false);
        assertThat(answers).hasSize(1);
    }

    @Test
    void acknowledgesACutAtOnceAndARaiseInItsTime() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        bench.allowance(RATE, 9);
        int before = bench.quota.reports.size();
        bench.share(RATE * 2, 9);
        assertThat(bench.quota.reports).hasSize(before);
        bench.share(RATE / 2, 9);
        assertThat(bench.quota.reports).hasSize(before + 1);
        assertThat(bench.last()).extracting("shareSeq", "bitsPerSecond").containsExactly(3L, RATE / 2);
    }

    @Test
    void saysFarewellUntilItIsAnswered() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        bench.allowance(RATE, 9).close();
        bench.quota.pass(Duration.ofSeconds(11));
        int before = bench.quota.reports.size();
        bench.quota.pass(Duration.ofSeconds(3));
        assertThat(bench.quota.reports.size()).isGreaterThanOrEqualTo(before + 3);
        assertThat(bench.last().finalReport()).isTrue();
        bench.closed();
        int after = bench.quota.reports.size();
        bench.quota.pass(Duration.ofSeconds(3));
        assertThat(bench.quota.reports).hasSize(after);
    }

    @Test
    void admitsAsManyAsThereAreSlotsAndAnswersTheOthersAtOnce() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.slots(9));
        Allowance first = bench.allowance(0, 2);
        List<Admission> second = bench.quota.admit("bea", 1);
        assertThat(second).hasSize(1);
        List<Admission> third = bench.quota.admit("cy", 1);
        bench.quota.run();
        assertThat(third).isEmpty();
        assertThat(bench.last()).extracting("used", "wanted", "slots").containsExactly(2, 1, 2);
        bench.full(2);
        assertThat(third).containsExactly(new Admission.Refused(Reason.NO_SLOT));
        assertThat(bench.quota.admit("dan", 0)).containsExactly(new Admission.Refused(Reason.NO_SLOT));
        first.close();
        assertThat(bench.quota.admit("dan", 0).get(0)).isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void aSlotThatWasCutUnderALiveAllocationIsGoneWhenItEnds() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.slots(9));
        Allowance first = bench.allowance(0, 2);
        bench.quota.admit("bea", 1);
        bench.share(0, 1);
        bench.quota.pass(SECOND);
        assertThat(bench.last().slots()).as("two live").isEqualTo(2);
        first.close();
        List<Admission> another = bench.quota.admit("cy", 0);
        bench.quota.run();
        assertThat(another).isEmpty();
        assertThat(bench.last().slots()).isEqualTo(1);
    }

    @Test
    void aUsersSlotsAreAskedForAndGivenBack() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.slotsOfUsers(1));
        List<Admission> answers = bench.quota.admit("al", 0);
        bench.quota.run();
        assertThat(bench.last().users()).containsExactly(new UserSlotState("al", 0, 0, 0, 1));
        bench.share(0, 0);
        assertThat(answers).isEmpty();
        bench.userShare(1, "al", 1, false);
        Allowance allowance = ((Admission.Admitted) answers.get(0)).allowance();
        List<Admission> second = bench.quota.admit("al", 0);
        bench.quota.run();
        bench.userShare(2, "al", 1, true);
        assertThat(second).containsExactly(new Admission.Refused(Reason.NO_SLOT));
        allowance.close();
        bench.quota.pass(SECOND);
        assertThat(bench.last().users()).containsExactly(new UserSlotState("al", 2, 0, 0, 0));
        bench.userShare(3, "al", 0, false);
        bench.quota.pass(SECOND);
        assertThat(bench.last().users()).isEmpty();
    }

    @Test
    void tellsOfEveryUserWhenTheLedgerKnowsNothing() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.slotsOfUsers(2));
        List<Admission> answers = bench.admitWithAFirstSlot("al");
        assertThat(answers).hasSize(1);
        bench.quota.pass(SECOND);
        assertThat(bench.last().users()).isEmpty();
        bench.share(9, "", 0, 0, bench.quota.last().reportMonotonicNanos(), false, true);
        bench.quota.pass(SECOND);
        assertThat(bench.last().users()).containsExactly(new UserSlotState("al", 1, 1, 1, 0));
    }

    @Test
    void tellsOfManyUsersInSeveralReportsAndOfThoseWhoWaitFirst() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, Caps.NONE);
        int users = TenantShare.MOST_TOLD + 10;
        for (int i = 0; i < users; i++) {
            bench.quota.admit("user" + i, 0);
        }
        bench.follow(OnControlLoss.STOP, ShareBench.slotsOfUsers(1));
        bench.quota.admit("waits", 0);
        bench.quota.pass(SECOND.dividedBy(10));
        Set<String> told = new HashSet<>();
        for (int seq = 1; seq <= 2; seq++) {
            List<UserSlotState> states = bench.last().users();
            assertThat(states).hasSizeLessThanOrEqualTo(TenantShare.MOST_TOLD);
            assertThat(seq > 1 || states.get(0).userId().equals("waits")).isTrue();
            bench.share(0, 0);
            long answered = bench.quota.last().reportMonotonicNanos();
            for (UserSlotState state : states) {
                told.add(state.userId());
                bench.quota.table.applyShare(shareOf(state, answered));
            }
            bench.quota.pass(SECOND);
        }
        assertThat(told).hasSize(users + 1);
        assertThat(bench.last().users()).isEmpty();
    }

    private static QuotaShare shareOf(UserSlotState state, long answeredNanos) {
        return new QuotaShare(QuotaBench.TENANT, state.userId(), QuotaBench.NODE.nodeId(), QuotaBench.NODE.epoch(),
                QuotaBench.NODE.processNonce(), state.shareSeq() + 1, 0, 1, false, false, false, answeredNanos,
                Duration.ofSeconds(60).toNanos());
    }

    @Test
    void anAnswerThatCrossesAChangeDoesNotStandForIt() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.slotsOfUsers(1));
        List<Admission> answers = bench.admitWithAFirstSlot("al");
        long before = bench.quota.last().reportMonotonicNanos();
        ((Admission.Admitted) answers.get(0)).allowance().close();
        bench.quota.pass(SECOND);
        bench.share(2, "al", 0, 1, before, false, false);
        bench.quota.pass(SECOND);
        assertThat(bench.last().users()).extracting(UserSlotState::userId).containsExactly("al");
    }

    @Test
    void anUncappedTenantReportsNoShareAndIsBoundByNothing() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        Allowance allowance = bench.allowance(0);
        for (int i = 0; i < 10_000; i++) {
            assertThat(allowance.debit(1_400, CLIENT_TO_PEER)).isTrue();
        }
        bench.pass(SECOND);
        assertThat(bench.last().share()).isEmpty();
    }

    @Test
    void aTenantWhoseCapsAreLiftedGivesItsShareUp() {
        ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
        Allowance allowance = bench.allowance(RATE / 100, 9);
        bench.follow(OnControlLoss.STOP, Caps.NONE);
        for (int i = 0; i < 1_000; i++) {
            assertThat(allowance.debit(1_400, CLIENT_TO_PEER)).isTrue();
        }
        assertThat(bench.last().finalReport()).isTrue();
    }
}
