package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** QUOTA.md, rules 15 to 17: how much a process is served, how often it is answered, and what the idle give back. */
class ServingRulesTest {
    @Test
    void rule15SizesGrantsByRateVolumeAndNodes() {
        long ample = 100L * 1024 * MIB;
        assertThat(GrantSize.of(ample, 0, 1, ample)).as("1 MiB far from the limit").isEqualTo(MIB);
        assertThat(GrantSize.of(ample, MIB, 1, ample)).as("300 s of the rate").isEqualTo(300 * MIB);
        assertThat(GrantSize.of(80 * MIB, 100 * MIB, 2, ample)).as("a quarter of a node's share").isEqualTo(10 * MIB);
        assertThat(GrantSize.of(MIB, 0, 40, ample)).as("the floor").isEqualTo(16 * KIB);
        assertThat(GrantSize.of(5 * KIB, MIB, 2, ample)).as("never more than is free").isEqualTo(5 * KIB);
        assertThat(GrantSize.of(0, MIB, 2, ample)).isZero();
        assertThat(GrantSize.of(-MIB, MIB, 2, ample)).isZero();
        assertThat(GrantSize.of(ample, Long.MAX_VALUE, 1, ample)).isBetween(0L, ample);
    }

    @Test
    void rule16StartsEachAccountSlowly() {
        long ample = 100L * 1024 * MIB;
        assertThat(GrantSize.of(ample, MIB, 1, 0)).isEqualTo(16 * KIB);
        assertThat(GrantSize.of(ample, MIB, 1, 40 * KIB)).isEqualTo(40 * KIB);
        LedgerWorld world = LedgerWorld.hard(ample);
        for (long epoch = 1; epoch <= 20; epoch++) {
            Reporter restarted = world.reporter("r1", epoch).want(1);
            restarted.rate = 10 * MIB;
            restarted.send();
        }
        assertThat(world.totals().chargeBytes()).as("twenty crashes strand little").isEqualTo(20 * 16 * KIB);
    }

    @Test
    void rule17TakesEverythingBackFromAnIdleHolderAndServesWhoWaits() {
        LedgerWorld world = LedgerWorld.hard(32 * KIB);
        Reporter idle = world.served("r1");
        Reporter busy = world.served("r2");
        busy.draw(16 * KIB).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(world.lastGrant().getState()).as("the one that asks hears of it").isEqualTo(QuotaState.EXHAUSTED);
        Decisions decisions = idle.want(0).cutTo(0).send();
        assertThat(decisions.grants()).as("in the same transaction").anyMatch(
                grant -> grant.getNodeId().equals("r2") && grant.getGrantBytes() == 32 * KIB);
        assertThat(world.totals().chargeBytes()).isEqualTo(32 * KIB);
    }

    @Test
    void doesNotServeAWaitingNodeThatIsSilent() {
        LedgerWorld world = LedgerWorld.hard(32 * KIB);
        Reporter idle = world.served("r1");
        Reporter gone = world.served("r2");
        gone.draw(16 * KIB).send();
        world.pass(Duration.ofSeconds(20));
        idle.want(0).cutTo(0).send();
        assertThat(world.totals().chargeBytes()).as("a dead node would strand it").isEqualTo(16 * KIB);
    }

    @Test
    void aNodeThatAsksWithoutSpendingDoesNotCollectTheVolume() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter greedy = world.reporter("r1", 1).want(MIB);
        for (int i = 0; i < 50; i++) {
            greedy.send();
            greedy.accept();
            world.pass(Duration.ofMillis(200));
        }
        assertThat(world.totals().chargeBytes()).isLessThanOrEqualTo(32 * KIB);
    }

    @Test
    void sendsAGrantAgainToANodeThatDoesNotNameItAndChangesNothing() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        node.send();
        assertThat(world.grants).as("it may be on its way").hasSize(1);
        world.pass(Duration.ofSeconds(1));
        node.send();
        assertThat(world.grants).hasSize(2);
        assertThat(world.lastGrant().getGrantSeq()).isEqualTo(1);
        assertThat(world.totals().chargeBytes()).isEqualTo(16 * KIB);
    }

    @Test
    void asksOthersToReturnCreditWhenANodeFindsNothingFree() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter rich = world.reporter("r1", 1).want(1);
        for (int i = 0; i < 8; i++) {
            rich.send();
            rich.accept().draw(rich.cap - rich.drawn);
        }
        rich.send();
        rich.accept().want(0).send();
        assertThat(rich.cap - rich.drawn).as("it holds much").isGreaterThan(100 * KIB);
        Reporter poor = world.reporter("r2", 1).want(1);
        while (world.quota().state() != QuotaState.EXHAUSTED) {
            poor.send();
            poor.accept().draw(poor.cap - poor.drawn);
        }
        assertThat(world.grants).filteredOn(QuotaGrant::getRecall)
                .anyMatch(grant -> grant.getNodeId().equals("r1"));
        rich.accept().cutTo(rich.drawn + 16 * KIB).send();
        assertThat(world.lastGrant().getNodeId()).isEqualTo("r2");
        assertThat(world.lastGrant().getGrantBytes()).isGreaterThan(poor.cap);
    }

    @Test
    void aReportCostsTheSameHoweverManyAccountsThereAre() {
        LedgerWorld world = LedgerWorld.hard(500 * MIB);
        for (int node = 0; node < 300; node++) {
            world.reporter("r" + node, 1).want(1).send();
        }
        Reporter node = world.reporter("one", 1).want(1);
        node.send();
        node.accept();
        int reads = world.store.reads;
        for (int i = 0; i < 100; i++) {
            node.draw(KIB).send();
            node.accept();
        }
        assertThat(world.store.reads - reads).as("no look at the other accounts").isZero();
    }

    @Test
    void renewsTheLeaseOfAHolderButNotOnEachReport() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.want(0);
        for (int second = 0; second < 60; second++) {
            world.pass(Duration.ofSeconds(1));
            node.send();
            node.accept();
        }
        assertThat(world.grants).hasSize(3);
        assertThat(world.lastGrant().getGrantBytes()).isEqualTo(16 * KIB);
        assertThat(world.lastGrant().getAnsweredReportMonotonicNanos()).isEqualTo(61_000);
        assertThat(world.lastGrant().getLeaseMillis()).isEqualTo(300_000);
    }

    @Test
    void answersWhoAsksInVainOftenEnoughThatSilenceMeansLostControl() {
        LedgerWorld world = LedgerWorld.hard(0);
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        assertThat(world.lastGrant().getState()).isEqualTo(QuotaState.EXHAUSTED);
        int before = world.grants.size();
        for (int second = 0; second < 10; second++) {
            world.pass(Duration.ofSeconds(1));
            node.accept().send();
        }
        assertThat(world.grants).hasSize(before + 5);
        assertThat(world.lastGrant().getAnsweredReportMonotonicNanos()).isEqualTo(11_000);
        assertThat(world.lastGrant().getGrantBytes()).isZero();
    }
}
