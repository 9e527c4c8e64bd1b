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
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** QUOTA.md, rules 11 to 14, and the states: what a policy and the calendar change. */
class PolicyAndPeriodRulesTest {
    private static Reporter exhaust(LedgerWorld world, String nodeId) {
        Reporter node = world.reporter(nodeId, 1).want(1);
        for (int i = 0; i < 10_000 && !isExhausted(world); i++) {
            node.send();
            node.accept().draw(node.cap - node.drawn);
        }
        assertThat(isExhausted(world)).isTrue();
        return node;
    }

    private static boolean isExhausted(LedgerWorld world) {
        return world.quota().state() == QuotaState.EXHAUSTED;
    }

    @Test
    void theWholeVolumeIsGrantedAndNotAByteMore() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = exhaust(world, "r1");
        assertThat(node.drawn).isEqualTo(5 * MIB);
        assertThat(world.totals().chargeBytes()).isEqualTo(5 * MIB);
        assertThat(world.totals().spentBytes()).isEqualTo(5 * MIB);
    }

    @Test
    void warnsAtEightyPerCentAndAuditsEachTransitionOnce() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        exhaust(world, "r1");
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.STATE_CHANGED)
                .extracting(QuotaAudit::getToState).containsExactly(QuotaState.WARN, QuotaState.EXHAUSTED);
        QuotaAudit warned = world.audits.stream().filter(audit -> audit.getToState() == QuotaState.WARN).findFirst()
                .orElseThrow();
        assertThat(warned.getUsedBytes()).isBetween(4 * MIB, 5 * MIB);
        assertThat(warned.getLimitBytes()).isEqualTo(5 * MIB);
        assertThat(warned.getFromState()).isEqualTo(QuotaState.OPEN);
    }

    @Test
    void isNotExhaustedWhileNobodyAsks() {
        LedgerWorld world = LedgerWorld.hard(16 * KIB);
        world.reporter("r1", 1).want(1).send();
        assertThat(world.totals().chargeBytes()).isEqualTo(16 * KIB);
        assertThat(isExhausted(world)).isFalse();
    }

    @Test
    void aRemainderTooSmallToCarryACallDoesNotReopenAnExhaustedQuota() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = exhaust(world, "r1");
        world.setHard(5 * MIB + 700);
        world.pass(Duration.ofSeconds(1));
        Reporter other = world.reporter("r2", 1).want(1);
        other.send();
        assertThat(isExhausted(world)).isTrue();
        assertThat(other.accept().cap).isZero();
        assertThat(node.accept().cap).isEqualTo(5 * MIB);
    }

    @Test
    void aRaisedVolumeServesAtOnceThoseWhoWant() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = exhaust(world, "r1");
        int published = world.grants.size();
        world.setHard(10 * MIB);
        assertThat(world.grants).hasSizeGreaterThan(published);
        assertThat(world.lastGrant().getNodeId()).isEqualTo("r1");
        assertThat(world.lastGrant().getGrantBytes()).isGreaterThan(node.cap);
        assertThat(world.lastGrant().getState()).isNotEqualTo(QuotaState.EXHAUSTED);
        assertThat(world.lastGrant().getPolicyEpoch()).isEqualTo(2);
    }

    @Test
    void rule11LoweringTheVolumeNeverLowersAGrant() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).want(1);
        for (int i = 0; i < 6; i++) {
            node.send();
            node.accept().draw(node.cap - node.drawn);
        }
        node.send();
        long granted = node.accept().cap;
        world.setHard(100 * KIB);
        assertThat(world.totals().grantBytes()).isEqualTo(granted);
        assertThat(world.lastGrant().getRecall()).as("but what is not needed is asked for").isTrue();
        assertThat(world.lastGrant().getGrantBytes()).isEqualTo(granted);
        node.accept().draw(node.cap - node.drawn).want(1).send();
        assertThat(world.totals().chargeBytes()).as("and nothing is added").isEqualTo(granted);
        assertThat(isExhausted(world)).isTrue();
        assertThat(world.summary().overshootBoundBytes()).hasValue(granted - 100 * KIB);
    }

    @Test
    void usageUnderOffCountsInALaterHardQuota() {
        LedgerWorld world = new LedgerWorld();
        Reporter node = world.reporter("r1", 1);
        node.periodId = "2026-11";
        node.cap = Long.MAX_VALUE;
        node.draw(4 * MIB).send();
        assertThat(world.lastGrant().getMode()).isEqualTo(QuotaMode.OFF);
        assertThat(world.lastGrant().getDrawnBytes()).isEqualTo(4 * MIB);
        world.setHard(5 * MIB);
        node.cap = node.drawn;
        for (int i = 0; i < 1000 && !isExhausted(world); i++) {
            node.want(1).send();
            node.accept().draw(Math.max(0, node.cap - node.drawn));
        }
        assertThat(node.drawn).isEqualTo(5 * MIB);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void usageBeyondTheNewVolumeStopsAtOnce() {
        LedgerWorld world = new LedgerWorld();
        Reporter node = world.reporter("r1", 1);
        node.periodId = "2026-11";
        node.draw(9 * MIB).send();
        world.setHard(5 * MIB);
        node.cap = node.drawn;
        node.want(1).send();
        assertThat(world.lastGrant().getState()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(world.lastGrant().getGrantBytes()).isZero();
    }

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
        Reporter node = exhaust(world, "r1");
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
    void rule14RollsByTheLedgersClockAndBooksLateUseToItsOwnPeriod() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = exhaust(world, "r1");
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
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        node.accept().want(0);
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
    void rule12KeepsWhatIsForwardedBeforeArmingOverALossOfTheStore() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter slow = world.reporter("r1", 1).draw(MIB);
        slow.periodId = "2026-11";
        slow.sendWithPolicy(0);
        slow.draw(2 * MIB).sendWithPolicy(0);
        world.rebuild();
        assertThat(world.totals().chargeBytes()).isEqualTo(3 * MIB);
    }

    @Test
    void rule12WaitsOverTheRollForWhoFollowsAnOlderPolicy() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        world.now = Instant.parse("2026-11-30T23:59:00Z");
        Reporter slow = world.reporter("r1", 1).want(1);
        slow.send();
        slow.accept().want(0).send();
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
        exhaust(world, "r1");
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
        LedgerWorld world = inKolkataOn("2026-11-22T20:00:00Z", "2026-11-23");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.MONTH, "UTC"));
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        assertThat(world.quota().period().id()).as("here it is still the 22nd").isEqualTo("2026-11-23");
        world.reporter("r1", 2).want(1).send();
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-11-23");
    }

    @Test
    void rule14BeginsTheNextPeriodEarlyWhereThePolicysOwnWasLeftAndIsOver() {
        LedgerWorld world = inKolkataOn("2026-11-22T20:00:00Z", "2026-11-23");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.MONTH, "UTC"));
        world.now = Instant.parse("2026-11-23T18:30:00Z");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "UTC"));
        assertThat(world.quota().period()).isEqualTo(new QuotaPeriod("2026-11-24",
                Instant.parse("2026-11-23T18:30:00Z"), Instant.parse("2026-11-25T00:00:00Z")));
    }

    /** A tenant without a limit who has forwarded something on the day. */
    private static LedgerWorld inKolkataOn(String instant, String day) {
        LedgerWorld world = new LedgerWorld();
        world.now = Instant.parse(instant);
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "Asia/Kolkata"));
        world.reporter("r1", 1).forward(day, 9).send();
        assertThat(world.quota().period().id()).isEqualTo(day);
        return world;
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
        LedgerWorld world = inKolkataOn("2026-11-22T12:00:00Z", "2026-11-22");
        Instant end = world.quota().period().end();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        assertThat(world.quota().period().end()).as("a process may end it before it hears of the zone").isEqualTo(end);
        LedgerWorld fresh = new LedgerWorld();
        fresh.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "Asia/Kolkata"));
        fresh.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        assertThat(fresh.quota().period().end()).isEqualTo(Instant.parse("2026-11-23T00:00:00Z"));
    }

    @Test
    void rule14GoesOnInTheMonthThatADayWasLeftForWhenTheStoreIsLost() {
        LedgerWorld world = inKolkataOn("2026-11-22T12:00:00Z", "2026-11-22");
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.MONTH, "Asia/Kolkata"));
        world.reporter("r1", 2).want(1).send();
        world.rebuild();
        assertThat(world.quota().period().id()).isEqualTo("2026-11");
    }

    @Test
    void rule14GoesOnInTheMonthWhenTheStoreIsLostThoughSomebodyIsStillAnsweredInTheDay() {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.OFF, null, QuotaPeriodKind.DAY, "UTC"));
        Reporter late = world.reporter("r2", 1).forward("2026-11-22", 9);
        late.send();
        world.setHard(5 * MIB);
        world.reporter("r1", 1).want(1).send();
        world.pass(QuotaRules.REPEAT);
        late.send();
        assertThat(world.lastGrant().getPeriodId()).isEqualTo("2026-11-22");
        assertThat(world.lastGrant().getPolicyEpoch()).isEqualTo(world.policyEpoch());
        world.rebuild();
        assertThat(world.quota().period().id()).isEqualTo("2026-11");
    }

    @Test
    void rule14GoesOnInTheDayWhenTheStoreIsLostThoughAMonthWaitsForItsEnd() {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(LedgerWorld.policy(0, QuotaMode.HARD, 5 * MIB, QuotaPeriodKind.DAY, "UTC"));
        world.reporter("r1", 1).want(1).send();
        world.setHard(5 * MIB);
        world.rebuild();
        assertThat(world.quota().period().id()).isEqualTo("2026-11-22");
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

    @Test
    void rule20AFailoverGoesOnFromTheStoreAlone() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter node = world.reporter("r1", 1).want(1);
        node.send();
        node.accept().draw(16 * KIB).send();
        world.restart();
        node.accept().draw(16 * KIB).send();
        assertThat(world.lastGrant().getGrantSeq()).isEqualTo(3);
        assertThat(world.lastGrant().getGrantBytes()).isEqualTo(64 * KIB);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void summaryTellsWhatDeadProcessesHoldAsUncertain() {
        LedgerWorld world = LedgerWorld.hard(5 * MIB);
        Reporter dead = world.reporter("r1", 1).want(1);
        dead.send();
        dead.accept().draw(6 * KIB).want(0).send();
        assertThat(world.summary().uncertainBytes()).isZero();
        world.pass(Duration.ofSeconds(16));
        QuotaSummary summary = world.summary();
        assertThat(summary.uncertainBytes()).isEqualTo(10 * KIB);
        assertThat(summary.usedBytes()).isEqualTo(6 * KIB);
        assertThat(summary.grantedBytes()).isEqualTo(16 * KIB);
        assertThat(summary.remainingBytes()).hasValue(5 * MIB - 6 * KIB);
        assertThat(summary.overshootBoundBytes()).hasValue(0);
        assertThat(summary.state()).isEqualTo(QuotaState.OPEN);
    }

    @Test
    void summaryOfATenantThatTheLedgerNeverMetIsThatOfItsPolicy() {
        LedgerWorld world = new LedgerWorld();
        QuotaSummary summary = world.summary();
        assertThat(summary.mode()).isEqualTo(QuotaMode.OFF);
        assertThat(summary.usedBytes()).isZero();
        assertThat(summary.remainingBytes()).isEmpty();
        assertThat(summary.overshootBoundBytes()).as("nothing bounds it").isEmpty();
        assertThat(summary.period().id()).isEqualTo("2026-11");
    }
}
