package io.turnpike.telemetry.ledger.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.QuotaShare;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShareLedgerTest {
    private static final long CAP = 10_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void theFirstOneGetsMostAndOneWithMoreDemandGetsItWhenTheOtherHasAcknowledgedItsCut() {
        ShareBench bench = new ShareBench(CAP, null, null);
        ShareBench.Node one = node(bench, "r1", CAP);
        one.report();
        assertThat(one.rate()).isEqualTo(CAP);
        ShareBench.Node two = node(bench, "r2", CAP);
        two.report();
        assertThat(two.rate()).isZero();
        one.read();
        assertThat(one.rate()).isEqualTo(CAP / 2);
        two.report();
        assertThat(two.rate()).as("before the cut is acknowledged").isZero();
        one.report();
        two.read();
        assertThat(two.rate()).isEqualTo(CAP / 2);
    }

    @Test
    void unevenDemandIsServedMaxMinFair() {
        ShareBench bench = new ShareBench(CAP, null, null);
        List<ShareBench.Node> nodes = List.of(node(bench, "r1", 8_000_000), node(bench, "r2", 4_000_000),
                node(bench, "r3", 1_000_000));
        for (int round = 0; round < 5; round++) {
            nodes.forEach(ShareBench.Node::report);
            bench.pass(SECOND);
        }
        nodes.forEach(ShareBench.Node::read);
        assertThat(nodes.get(2).rate()).isBetween(1_000_000L, 1_250_000L);
        assertThat(nodes.get(1).rate()).isBetween(4_000_000L, 4_600_000L);
        assertThat(nodes.get(0).rate()).isGreaterThan(4_100_000);
        assertThat(nodes.stream().mapToLong(ShareBench.Node::rate).sum()).isBetween(CAP * 98 / 100, CAP);
    }

    @Test
    void aSilentProcessIsTakenOffWhenItsLeaseAndTheMarginAreOver() {
        ShareBench bench = new ShareBench(CAP, null, null);
        ShareBench.Node dead = node(bench, "r1", CAP);
        dead.report();
        ShareBench.Node alive = node(bench, "r2", CAP);
        for (int second = 0; second < 64; second++) {
            bench.pass(SECOND);
            alive.report();
            assertThat(alive.rate()).isZero();
        }
        bench.pass(SECOND);
        alive.report();
        assertThat(alive.rate()).isEqualTo(CAP);
    }

    @Test
    void aLedgerThatTakesOverBeginsEveryLeaseAnewByItsOwnClock() {
        ShareBench bench = new ShareBench(CAP, null, null);
        node(bench, "r1", CAP).report();
        bench.nanos = -7_000_000_000_000L;
        bench.restart();
        ShareBench.Node alive = node(bench, "r2", CAP);
        alive.report();
        bench.pass(Duration.ofSeconds(64));
        alive.report();
        assertThat(alive.rate()).isZero();
        bench.pass(SECOND);
        alive.report();
        assertThat(alive.rate()).isEqualTo(CAP);
    }

    @Test
    void renewsTheLeaseOfWhoReports() {
        ShareBench bench = new ShareBench(CAP, null, null);
        ShareBench.Node one = node(bench, "r1", CAP);
        for (int second = 0; second < 200; second++) {
            one.report();
            assertThat(bench.nanos - one.share.getAnsweredReportMonotonicNanos())
                    .isLessThanOrEqualTo(ShareRules.RENEWAL.toNanos());
            bench.pass(SECOND);
        }
        assertThat(bench.published).hasSizeLessThan(20);
    }

    @Test
    void whoGivesUpIsAnsweredAndHoldsNothing() {
        ShareBench bench = new ShareBench(CAP, 2, null);
        ShareBench.Node one = node(bench, "r1", CAP);
        one.wanted = 2;
        one.report();
        one.used = 0;
        one.wanted = 0;
        one.report(true);
        one.read();
        assertThat(one.share.getClosed()).isTrue();
        ShareBench.Node two = node(bench, "r2", CAP);
        two.wanted = 2;
        two.report();
        assertThat(two.rate()).isEqualTo(CAP);
        assertThat(two.slots).isEqualTo(2);
        one.report(true);
        one.read();
        assertThat(one.share.getClosed()).as("the farewell came twice").isTrue();
    }

    @Test
    void aReportThatIsLateChangesNothing() {
        ShareBench bench = new ShareBench(null, 4, null);
        ShareBench.Node one = node(bench, "r1", 0);
        one.wanted = 2;
        one.report();
        byte[] before = bench.rows.get(one.key.text());
        ShareBench late = new ShareBench(null, 4, null);
        late.rows.putAll(bench.rows);
        late.restart();
        late.new Node("r1").report(false);
        assertThat(late.rows.get(one.key.text())).isEqualTo(before);
    }

    @Test
    void whatALateReportSaysCountsAndIsNotGivenAgainBeforeTheOthersHaveLeftIt() {
        ShareBench bench = new ShareBench(CAP, null, null);
        ShareBench.Node lost = node(bench, "r1", CAP);
        lost.report();
        bench.pass(Duration.ofSeconds(66));
        ShareBench.Node other = node(bench, "r2", CAP);
        other.report();
        assertThat(other.rate()).isEqualTo(CAP);
        lost.report();
        assertThat(bench.row(lost).heldBitsPerSecond()).isEqualTo(CAP);
        lost.report();
        assertThat(lost.rate()).as("the other has not acknowledged its cut").isZero();
        other.read();
        other.report();
        lost.report();
        assertThat(lost.rate()).isEqualTo(CAP / 2);
        assertThat(other.rate()).isEqualTo(CAP / 2);
    }

    @Test
    void slotsAreGivenOnceOverAllAndComeBack() {
        ShareBench bench = new ShareBench(null, 2, null);
        ShareBench.Node one = node(bench, "r1", 0);
        ShareBench.Node two = node(bench, "r2", 0);
        use(one);
        use(two);
        one.report();
        one.wanted = 1;
        one.report();
        assertThat(one.slots).isEqualTo(1);
        assertThat(one.share.getFull()).isTrue();
        two.used = 0;
        two.slots = 1;
        two.report(true);
        one.report();
        assertThat(one.slots).isEqualTo(2);
        assertThat(one.share.getFull()).isFalse();
    }

    @Test
    void aProcessThatWasGivenUpCountsWithWhatStillLivesThere() {
        ShareBench bench = new ShareBench(null, 2, null);
        ShareBench.Node lost = node(bench, "r1", 0);
        use(lost);
        use(lost);
        bench.pass(Duration.ofSeconds(66));
        ShareBench.Node other = node(bench, "r2", 0);
        use(other);
        lost.report();
        assertThat(lost.share.getAnew()).isTrue();
        other.wanted = 1;
        other.report();
        assertThat(other.slots).as("three would live").isEqualTo(1);
        lost.report();
        assertThat(bench.row(lost).anewSeq).as("it has heard that it must tell all its users").isZero();
    }

    @Test
    void aUserHasHisSlotsOverAllProcesses() {
        ShareBench bench = new ShareBench(null, null, 1);
        ShareBench.Node one = node(bench, "r1", 0);
        ShareBench.Node two = node(bench, "r2", 0);
        one.report(one.user("al", 0, 1));
        assertThat(one.users.get("al").getSlots()).isEqualTo(1);
        one.report(one.user("al", 1, 0));
        two.report(two.user("al", 0, 1), two.user("bea", 0, 1));
        assertThat(two.users.get("bea").getSlots()).isEqualTo(1);
        assertThat(two.users.get("al").getSlots()).isZero();
        assertThat(two.users.get("al").getFull()).isTrue();
        one.read();
        QuotaShare al = one.users.get("al");
        one.report(new io.turnpike.events.v1.UserSlotReport("al", al.getShareSeq(), 0, 0, 0));
        assertThat(bench.rows).doesNotContainKey(one.key.of("al").text());
        two.read();
        assertThat(two.users.get("al").getSlots()).as("as soon as it came back").isEqualTo(1);
    }

    @Test
    void aLoweredCapHoldsWhenItIsAcknowledged() {
        ShareBench bench = new ShareBench(CAP, null, null);
        ShareBench.Node one = node(bench, "r1", CAP);
        one.report();
        bench.follow(CAP / 4, null, null);
        one.read();
        assertThat(one.rate()).isEqualTo(CAP / 4);
        assertThat(bench.row(one).heldBitsPerSecond()).isEqualTo(CAP);
        one.report();
        assertThat(bench.row(one).heldBitsPerSecond()).isEqualTo(CAP / 4);
    }

    @Test
    void withoutCapsNothingIsGivenAndWhatIsHeldStillCounts() {
        ShareBench bench = new ShareBench(CAP, null, null);
        ShareBench.Node one = node(bench, "r1", CAP);
        one.report();
        bench.follow(null, null, null);
        assertThat(bench.rows).hasSize(1);
        bench.follow(CAP, null, null);
        ShareBench.Node two = node(bench, "r2", CAP);
        two.report();
        assertThat(two.rate()).isZero();
        bench.follow(null, null, null);
        bench.pass(Duration.ofSeconds(66));
        assertThat(bench.rows).isEmpty();
    }

    private static ShareBench.Node node(ShareBench bench, String nodeId, long demand) {
        ShareBench.Node node = bench.new Node(nodeId);
        node.demand = demand;
        node.used = demand > 0 ? 1 : 0;
        return node;
    }

    /** One more allocation, with its slot. */
    private static void use(ShareBench.Node node) {
        node.wanted = 1;
        node.report();
        node.wanted = 0;
        node.used++;
        node.slots = Math.max(node.slots, node.used);
        node.report();
    }
}
