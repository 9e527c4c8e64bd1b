package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** QUOTA.md rule 12: where nothing was enforced before, nobody is granted anything before he follows the policy. */
class ArmingTest {
    @Test
    void rule12ArmsUntilEveryLiveNodeFollowsThePolicy() {
        LedgerWorld world = new LedgerWorld();
        Reporter quick = world.reporter("r1", 1).draw(1);
        quick.periodId = "2026-11";
        quick.send();
        Reporter slow = world.reporter("r2", 1).draw(1);
        slow.periodId = "2026-11";
        slow.send();
        world.setHard(5 * MIB);
        assertThat(world.summary().arming()).as("nobody can know yet").isTrue();
        world.pass(Duration.ofSeconds(6));
        quick.send();
        slow.sendWithPolicy(0);
        assertThat(world.summary().arming()).isTrue();
        slow.send();
        assertThat(world.summary().arming()).isFalse();
        slow.sendWithPolicy(0);
        world.setHard(6 * MIB);
        assertThat(world.summary().arming()).as("a raise of an enforced volume needs no arming").isFalse();
    }

    @Test
    void rule12GrantsNothingToWhoWaitedUnderAnEarlierRunOfEnforcedPolicies() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.exhaust("r1");
        world.setMode(QuotaMode.OFF, 5 * MIB);
        world.setHard(10 * MIB);
        assertThat(node.accept().cap).isEqualTo(5 * MIB);
        node.send();
        assertThat(node.accept().cap).isGreaterThan(5 * MIB);
    }

    @Test
    void rule12DoesNotTrustTheReturnOfANodeThatIsNotArmed() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        node.accept();
        world.setPolicy(LedgerWorld.OFF);
        world.setHard(5 * MIB);
        node.want(0).cutTo(0).sendWithPolicy(2);
        assertThat(world.totals().chargeBytes()).as("it follows OFF and may spend anything").isEqualTo(16 * KIB);
        node.send();
        assertThat(world.totals().chargeBytes()).isZero();
    }

    @Test
    void rule12WaitsOverTheRollForWhoFollowsAnOlderPolicy() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.now = Instant.parse("2026-11-30T23:59:00Z");
        Reporter slow = world.served("r1");
        slow.want(0).send();
        long followed = world.policyEpoch();
        world.setMode(QuotaMode.OFF, 5 * MIB);
        world.setHard(5 * MIB);
        world.now = Instant.parse("2026-11-30T23:59:59Z");
        slow.sendWithPolicy(followed);
        world.now = Instant.parse("2026-12-01T00:00:05Z");
        world.tick();
        assertThat(world.quota().period().id()).isEqualTo("2026-12");
        assertThat(world.summary().arming()).isTrue();
    }

    @Test
    void rule12TakesALateReportForNoSignOfLifeWhereANewerOneCameBeforeTheRoll() {
        LedgerWorld world = new LedgerWorld();
        world.now = Instant.parse("2026-11-30T23:59:30Z");
        Reporter ahead = world.reporter("r1", 1).forward("2026-12", 9);
        TenantNodeUsage late = ahead.record();
        ahead.send();
        world.setHard(5 * MIB);
        world.now = Instant.parse("2026-12-01T00:00:30Z");
        world.send(late);
        assertThat(world.quota().period().id()).isEqualTo("2026-12");
        assertThat(world.summary().arming()).isFalse();
        ahead.sendWithPolicy(0);
        assertThat(world.summary().arming()).as("this one is newer than all").isTrue();
    }

    @Test
    void rule12TakesALateFirstContactForNoSignOfLifeInThePeriodThatWasGrantedAhead() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.now = Instant.parse("2026-11-30T23:58:00Z");
        Reporter gone = world.reporter("r1", 1).want(1);
        TenantNodeUsage late = gone.record();
        gone.send();
        assertThat(world.grants).extracting(QuotaGrant::getPeriodId).contains("2026-12");
        gone.accept().want(0).send();
        world.setMode(QuotaMode.OFF, 5 * MIB);
        world.setHard(5 * MIB);
        world.now = Instant.parse("2026-12-01T00:00:30Z");
        world.send(late);
        assertThat(world.quota().period().id()).isEqualTo("2026-12");
        assertThat(world.summary().arming()).isFalse();
        world.reporter("r2", 1).want(1).sendWithPolicy(0);
        assertThat(world.summary().arming()).as("this one lives").isTrue();
    }

    @Test
    void rule12TakesALateFirstContactForASignOfLifeWhereNoNewerReportNamesTheAccount() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        TenantNodeUsage late = node.record();
        world.send(TenantNodeUsage.newBuilder(node.record()).setAccounts(List.of()).build());
        world.setMode(QuotaMode.OFF, 5 * MIB);
        world.setHard(5 * MIB);
        world.pass(Duration.ofMinutes(1));
        assertThat(world.summary().arming()).isFalse();
        world.send(late);
        assertThat(world.summary().arming()).isTrue();
        world.pass(Duration.ofMinutes(1));
        assertThat(world.summary().arming()).isFalse();
    }
}
