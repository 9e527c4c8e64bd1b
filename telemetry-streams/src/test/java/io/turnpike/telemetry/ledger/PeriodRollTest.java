package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** QUOTA.md rule 14: the roll from one period to the next, by the clock, and what waits for it. */
class PeriodRollTest {
    @Test
    void rule14RollsByTheLedgersClockAndBooksLateUseToItsOwnPeriod() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.exhaust("r1");
        world.now = Instant.parse("2026-12-01T00:00:00Z");
        world.tick();
        assertThat(world.quota().period().id()).isEqualTo("2026-12");
        assertThat(world.quota().state()).isEqualTo(QuotaState.OPEN);
        assertThat(world.audits).extracting(QuotaAudit::getKind).contains(AuditKind.PERIOD_ROLLED);
        int published = world.grants.size();
        node.send();
        assertThat(world.grants).as("who asks with the old account gets one of the new period")
                .hasSizeGreaterThan(published);
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-12");
        assertThat(world.lastGrant().getGrantBytes()).isPositive();
        assertThat(world.store.totals(LedgerWorld.TENANT, "2026-11").orElseThrow().chargeBytes()).isEqualTo(5 * MIB);
        assertThat(world.totals().spentBytes()).isZero();
    }

    @Test
    void rule14IssuesTheNextPeriodsFirstGrantsALeaseAhead() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.served("r1");
        node.want(0);
        world.now = Instant.parse("2026-11-30T23:50:00Z");
        node.send();
        assertThat(world.grants).noneMatch(grant -> grant.getPeriodId().equals("2026-12"));
        world.now = Instant.parse("2026-11-30T23:55:00Z");
        node.accept().send();
        QuotaGrant ahead = world.grants.stream().filter(grant -> grant.getPeriodId().equals("2026-12")).findFirst()
                .orElseThrow();
        assertThat(ahead.getGrantBytes()).isEqualTo(16 * KIB);
        assertThat(ahead.getPeriodStart()).isEqualTo("2026-12-01T00:00:00Z");
        assertThat(world.quota().period().id()).isEqualTo("2026-11");
        world.now = Instant.parse("2026-12-01T00:00:01Z");
        world.tick();
        assertThat(world.totals().chargeBytes()).as("it counts in the period that it is for").isEqualTo(16 * KIB);
    }

    @Test
    void rule14NeverGoesBackWhenTheClockDoes() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.now = Instant.parse("2026-12-01T00:00:01Z");
        world.tick();
        world.now = Instant.parse("2026-11-30T23:59:00Z");
        world.tick();
        world.reporter("r1", 1).want(1).send();
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-12");
    }

    @Test
    void rule14AppliesAnotherTimeZoneAtTheRollAndNeverRepeatsAPeriod() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.exhaust("r1");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.MONTH, "America/Los_Angeles"));
        assertThat(world.quota().period().end()).isEqualTo("2026-12-01T00:00:00Z");
        world.now = Instant.parse("2026-12-01T00:00:01Z");
        world.tick();
        assertThat(world.quota().period().id()).as("there it is still November, which the nodes have ended")
                .isEqualTo("2026-12");
        assertThat(world.quota().period().start()).isEqualTo("2026-12-01T00:00:00Z");
        assertThat(world.quota().period().end()).isEqualTo("2027-01-01T08:00:00Z");
        world.reporter("r1", 2).want(1).send();
        assertThat(world.lastGrant().getPeriodId()).as("so nobody waits for a midnight").isEqualTo("2026-12");
        assertThat(world.lastGrant().getGrantBytes()).isPositive();
        world.now = Instant.parse("2026-12-01T08:00:00Z");
        world.tick();
        assertThat(world.quota().period().id()).isEqualTo("2026-12");
    }

    @Test
    void rule14AppliesAnotherAnchorAtTheRollInAPeriodOfItsOwn() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.reporter("r1", 1).want(1).send();
        world.setPolicy(
                QuotaPolicy.newBuilder(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.MONTH, "UTC"))
                        .setAnchor(15).build());
        assertThat(world.quota().period().id()).isEqualTo("2026-11");
        world.now = Instant.parse("2026-12-01T00:00:00Z");
        world.tick();
        assertThat(world.quota().period())
                .isEqualTo(new QuotaPeriod("2026-11@15", Instant.parse("2026-12-01T00:00:00Z"),
                        Instant.parse("2026-12-15T00:00:00Z")));
        world.reporter("r1", 1).want(1).send();
        assertThat(world.lastGrant().getPeriodStart()).isEqualTo(world.quota().period().start());
        world.now = Instant.parse("2026-12-15T00:00:00Z");
        world.tick();
        assertThat(world.quota().period().id()).isEqualTo("2026-12@15");
    }

    @Test
    void rule14SkipsNoDayAndRepeatsNoneWhenTheZoneMovesAroundTheWorld() {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "Pacific/Kiritimati"));
        world.reporter("r1", 1).want(1).send();
        QuotaPeriod day = world.quota().period();
        assertThat(day.id()).isEqualTo("2026-11-23");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "Pacific/Pago_Pago"));
        world.now = day.end();
        world.tick();
        assertThat(world.quota().period()).isEqualTo(new QuotaPeriod("2026-11-24", day.end(),
                Instant.parse("2026-11-25T11:00:00Z")));
    }

    @Test
    void forgetsAPeriodOnlyLongAfterItsEnd() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.reporter("r1", 1).want(1).send();
        world.now = Instant.parse("2026-12-15T00:00:00Z");
        world.tick();
        assertThat(world.store.totals(LedgerWorld.TENANT, "2026-11")).isPresent();
        world.now = Instant.parse("2027-01-02T00:00:00Z");
        world.tick();
        assertThat(world.store.totals(LedgerWorld.TENANT, "2026-11")).isEmpty();
        assertThat(world.store.allAccounts()).isEmpty();
    }
}
