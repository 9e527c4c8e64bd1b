package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** QUOTA.md rule 14: the period that runs when a policy brings another length, anchor or time zone, where it applies at once. */
class PeriodChangeTest {
    @Test
    void anotherPeriodLengthAppliesAtOnceWhereNothingWasEnforced() {
        LedgerWorld world = new LedgerWorld();
        Reporter node = world.reporter("r1", 1).draw(9 * MIB);
        node.periodId = "2026-11";
        node.send();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        assertThat(world.quota().period().id()).isEqualTo("2026-11-22");
        node.cap = node.drawn;
        node.want(1).send();
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-11-22");
        assertThat(world.lastGrant().getGrantBytes()).isPositive();
    }

    @Test
    void anotherAnchorAppliesAtOnceWhereNothingIsEnforced() {
        LedgerWorld world = new LedgerWorld();
        world.setMode(QuotaMode.SOFT, 5 * MIB);
        world.setPolicy(
                QuotaPolicy.newBuilder(LedgerWorld.policy(0, QuotaMode.SOFT, 5 * MIB, QuotaPeriodKind.MONTH, "UTC"))
                        .setAnchor(15).build());
        assertThat(world.quota().period().id()).isEqualTo("2026-11@15");
        assertThat(world.quota().period().start()).isEqualTo(Instant.parse("2026-11-15T00:00:00Z"));
    }

    @Test
    void rule14AppliesWhatWaitsForTheRollAsSoonAsNothingIsEnforced() {
        for (QuotaPolicy changed : List.of(
                LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"),
                QuotaPolicy.newBuilder(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.MONTH, "UTC"))
                        .setAnchor(15).build())) {
            LedgerWorld world = LedgerWorld.hard(5 * MIB);
            world.reporter("r1", 1).want(1).send();
            world.setPolicy(changed);
            assertThat(world.quota().period().id()).isEqualTo("2026-11");
            world.setPolicy(QuotaPolicy.newBuilder(changed).setMode(QuotaMode.SOFT).build());
            world.tick();
            assertThat(world.quota().period())
                    .isEqualTo(QuotaPeriod.at(world.now, changed.getPeriod(), changed.getAnchor(), ZoneOffset.UTC));
        }
    }

    @Test
    void rule14GoesBackToNoPeriodThatNodesHaveClosedAlthoughNothingIsEnforced() {
        LedgerWorld world = new LedgerWorld();
        world.now = Instant.parse("2026-12-01T00:00:01Z");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "UTC"));
        world.reporter("r1", 1).forward("2026-12-01", 9).send();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "America/Los_Angeles"));
        assertThat(world.quota().period().id()).as("there it is still November").isEqualTo("2026-12-01");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "America/Los_Angeles"));
        world.reporter("r1", 2).want(1).send();
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-12-01");
    }

    @Test
    void rule14GoesBackToNoPeriodThatNodesHaveClosedOverAnotherLength() {
        LedgerWorld world = LedgerWorld.inKolkataOn("2026-11-22T20:00:00Z", "2026-11-23");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.MONTH, "UTC"));
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        assertThat(world.quota().period().id()).as("here it is still the 22nd").isEqualTo("2026-11-23");
        world.reporter("r1", 2).want(1).send();
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-11-23");
    }

    @Test
    void rule14BeginsTheNextPeriodEarlyWhereThePolicysOwnWasLeftAndIsOver() {
        LedgerWorld world = LedgerWorld.inKolkataOn("2026-11-22T20:00:00Z", "2026-11-23");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.MONTH, "UTC"));
        world.now = Instant.parse("2026-11-23T18:30:00Z");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "UTC"));
        assertThat(world.quota().period()).isEqualTo(new QuotaPeriod("2026-11-24",
                Instant.parse("2026-11-23T18:30:00Z"), Instant.parse("2026-11-25T00:00:00Z")));
    }

    @Test
    void rule14EndsADayWhereAZoneFurtherEastDoesThatAppliesAtOnce() {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "UTC"));
        world.reporter("r1", 1).forward("2026-11-22", 9).send();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "Asia/Kolkata"));
        world.reporter("r1", 2).want(1).send();
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-11-22");
        assertThat(world.lastGrant().getPeriodEnd()).isEqualTo(world.quota().period().end())
                .isEqualTo(Instant.parse("2026-11-22T18:30:00Z"));
    }

    @Test
    void rule14MakesADayLongerOnlyWhereNobodyHasAnAccountOfIt() {
        LedgerWorld world = LedgerWorld.inKolkataOn("2026-11-22T12:00:00Z", "2026-11-22");
        Instant end = world.quota().period().end();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        assertThat(world.quota().period().end()).as("a process may end it before it hears of the zone").isEqualTo(end);
        LedgerWorld fresh = new LedgerWorld();
        fresh.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "Asia/Kolkata"));
        fresh.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        assertThat(fresh.quota().period().end()).isEqualTo(Instant.parse("2026-11-23T00:00:00Z"));
    }

    @Test
    void rule14GrantsAnewInADayThatItCameBackToWhileTheProcessAsksInTheMonth() {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        Reporter day = world.served("r1");
        day.want(0).cutTo(0).send();
        day.accept();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.MONTH, "UTC"));
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        Reporter month = world.reporter("r1", 1).forward("2026-11", 9).want(1);
        month.nodeSeq = day.nodeSeq;
        day.policyEpoch = world.policyEpoch();
        month.policyEpoch = world.policyEpoch();
        TenantNodeUsage asks = TenantNodeUsage.newBuilder(month.record())
                .setAccounts(List.of(day.record().getAccounts().get(0), month.record().getAccounts().get(0))).build();
        world.send(asks);
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-11-22");
        assertThat(world.lastGrant().getGrantSeq()).isGreaterThan(day.grantSeq);
        assertThat(world.lastGrant().getGrantBytes()).isPositive();
    }
}
