package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static io.turnpike.telemetry.ledger.LedgerWorld.TENANT;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ledger's side of users' quotas: the same rules for a second scope, and accounts that are opened again. */
class UserQuotaTest {
    private static final QuotaScope ANN = new QuotaScope(TENANT, "ann");
    private static final QuotaScope BOB = new QuotaScope(TENANT, "bob");

    @Test
    void chargesOfAUserNeverPassHisVolumeWhileOthersGoOn() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 100 * KIB);
        Reporter ann = world.reporter("r1", 1).ofUser("ann", 1);
        Reporter elsewhere = world.reporter("r2", 1).ofUser("ann", 1);
        for (int i = 0; i < 20; i++) {
            spendAll(ann);
            spendAll(elsewhere);
            assertThat(world.totals(ANN).chargeBytes()).isLessThanOrEqualTo(100 * KIB);
        }
        assertThat(ann.drawn + elsewhere.drawn).isEqualTo(100 * KIB);
        assertThat(world.lastGrant().getState()).isEqualTo(QuotaState.EXHAUSTED);
        Reporter bob = world.reporter("r1", 1).ofUser("bob", 1);
        spendAll(bob);
        spendAll(bob);
        assertThat(bob.drawn).isPositive();
        assertThat(world.summary(ANN).state()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(world.summary().state()).isEqualTo(QuotaState.OPEN);
    }

    @Test
    void rule18AnAccountThatIsOpenedAgainGoesOnFromWhatItCost() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 40 * KIB);
        Reporter ann = whoClosed(world);
        long first = ann.drawn;
        assertThat(world.lastGrant().getClosed()).isTrue();
        assertThat(world.totals(ANN).chargeBytes()).isEqualTo(first);
        ann.ofUser("ann", 2);
        for (int i = 0; i < 10; i++) {
            spendAll(ann);
        }
        assertThat(first + ann.drawn).isEqualTo(40 * KIB);
        assertThat(world.lastGrant().getEarlierBytes()).isEqualTo(first);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void rule18WhatAnEarlierOpeningStillSaysChangesNothing() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 100 * KIB);
        Reporter ann = whoClosed(world);
        long first = ann.drawn;
        Reporter late = new Reporter(world, "r1", 1, ann.nonce).ofUser("ann", 1);
        late.nodeSeq = ann.nodeSeq + 10;
        ann.ofUser("ann", 2).want(1).send();
        ann.accept();
        long granted = ann.cap;
        late.periodId = ann.periodId;
        late.last = true;
        late.send();
        assertThat(world.totals(ANN).chargeBytes()).isEqualTo(first + granted);
        late.last = false;
        late.want(1).send();
        ann.nodeSeq = late.nodeSeq;
        ann.draw(granted).want(1).send();
        assertThat(world.lastGrant().getOpening()).isEqualTo(2);
        assertThat(world.lastGrant().getGrantBytes()).isGreaterThan(granted);
    }

    @Test
    void anAccountThatIsOpenedAgainWithoutACloseKeepsAllThatItWasGranted() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 100 * KIB);
        Reporter ann = world.reporter("r1", 1).ofUser("ann", 1);
        ann.want(1).send();
        ann.ofUser("ann", 2).want(1).send();
        assertThat(world.totals(ANN).chargeBytes()).isEqualTo(32 * KIB);
        assertThat(world.audits).anyMatch(audit -> audit.getKind() == AuditKind.ALARM
                && audit.getUserId().equals("ann"));
    }

    @Test
    void rule9ARebuiltLedgerKnowsWhatEarlierOpeningsCost() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 100 * KIB);
        Reporter ann = whoClosed(world);
        ann.ofUser("ann", 2);
        spendAll(ann);
        PeriodTotals before = world.totals(ANN);
        long used = world.summary(ANN).usedBytes();
        world.rebuild();
        assertThat(world.totals(ANN).chargeBytes()).isEqualTo(before.chargeBytes());
        assertThat(world.totals(ANN).grantBytes()).isEqualTo(before.grantBytes());
        assertThat(world.summary(ANN).usedBytes()).isEqualTo(used);
        assertThat(world.store.totals(TENANT, "2026-11")).as("the tenant's own accounts").isEmpty();
    }

    @Test
    void aLedgerThatTakesOverGoesOnWithAUsersAccount() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 100 * KIB);
        Reporter ann = world.reporter("r1", 1).ofUser("ann", 1);
        spendAll(ann);
        close(ann);
        ann.ofUser("ann", 2);
        for (int i = 0; i < 20; i++) {
            spendAll(ann);
            world.restart();
        }
        assertThat(world.totals(ANN).chargeBytes()).isEqualTo(100 * KIB);
    }

    @Test
    void aRaisedVolumeServesAtOnceTheUsersWhoWant() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 16 * KIB);
        Reporter ann = world.reporter("r1", 1).ofUser("ann", 1);
        spendAll(ann);
        spendAll(ann);
        assertThat(world.summary(ANN).state()).isEqualTo(QuotaState.EXHAUSTED);
        world.setPolicy(policy(QuotaMode.HARD, 100 * MIB, 64 * KIB));
        QuotaGrant grant = world.lastGrant();
        assertThat(grant.getUserId()).isEqualTo("ann");
        assertThat(grant.getGrantBytes()).isGreaterThan(16 * KIB);
        assertThat(grant.getState()).isNotEqualTo(QuotaState.EXHAUSTED);
    }

    @Test
    void usersWhoseNamesBeginAlikeStayApart() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 16 * KIB);
        for (String user : List.of("a", "a|2026-11", "a|2026-11|r1", "1:a", "a/1:a")) {
            Reporter reporter = world.reporter("r1", 1).ofUser(user, 1);
            spendAll(reporter);
            assertThat(reporter.drawn).isEqualTo(16 * KIB);
        }
        world.restart();
        for (String user : List.of("a", "a|2026-11", "a|2026-11|r1", "1:a", "a/1:a")) {
            QuotaScope scope = new QuotaScope(TENANT, user);
            assertThat(QuotaScope.parse(scope.text())).isEqualTo(scope);
            assertThat(world.totals(scope).chargeBytes()).isEqualTo(16 * KIB);
            assertThat(world.summary(scope).grantedBytes()).isEqualTo(16 * KIB);
        }
    }

    @Test
    void softAndShadowFollowTheStateOfEachUser() {
        for (QuotaMode mode : List.of(QuotaMode.SOFT, QuotaMode.SHADOW)) {
            LedgerWorld world = world(mode, 100 * MIB, 100 * KIB);
            Reporter ann = world.reporter("r1", 1).ofUser("ann", 1);
            ann.forward("2026-11", 80 * KIB).send();
            ann.forward("2026-11", 20 * KIB).send();
            assertThat(world.lastGrant().getState()).isEqualTo(QuotaState.EXHAUSTED);
            assertThat(world.lastGrant().getUserId()).isEqualTo("ann");
            assertThat(world.audits).filteredOn(audit -> audit.getUserId().equals("ann")).extracting(
                    audit -> audit.getToState()).containsExactly(QuotaState.WARN, QuotaState.EXHAUSTED);
        }
    }

    @Test
    void aUserWhoseVolumeIsTakenBackIsLimitedByNothingOfHisOwn() {
        LedgerWorld world = world(QuotaMode.SOFT, 100 * MIB, 100 * KIB);
        world.reporter("r1", 1).ofUser("ann", 1).forward("2026-11", 100 * KIB).send();
        world.setPolicy(QuotaPolicy.newBuilder(policy(QuotaMode.SOFT, 100 * MIB, 100 * KIB)).setUserVolumeBytes(null)
                .build());
        assertThat(world.audits).last().satisfies(audit -> {
            assertThat(audit.getUserId()).isEqualTo("ann");
            assertThat(audit.getToState()).isEqualTo(QuotaState.OPEN);
            assertThat(audit.getReason()).isEqualTo("nothing limits the user");
        });
    }

    @Test
    void usersWhoDoNothingAreForgottenAfterTheirPeriodAndNotBefore() {
        LedgerWorld world = world(QuotaMode.HARD, 100 * MIB, 100 * KIB);
        for (int i = 0; i < 50; i++) {
            spendAll(world.reporter("r1", 1).ofUser("user" + i, 1));
        }
        world.pass(Duration.ofDays(38));
        world.tick();
        assertThat(world.store.quota(new QuotaScope(TENANT, "user7"))).isPresent();
        world.pass(Duration.ofDays(2));
        world.tick();
        assertThat(world.store.allAccounts()).isEmpty();
        assertThat(world.store.quota(new QuotaScope(TENANT, "user7"))).isEmpty();
        assertThat(world.store.periods(new QuotaScope(TENANT, "user7"))).isEmpty();
        assertThat(world.store.quota(TENANT)).isPresent();
        spendAll(world.reporter("r1", 1).ofUser("user7", 2));
        assertThat(world.totals(new QuotaScope(TENANT, "user7")).chargeBytes()).isEqualTo(16 * KIB);
    }

    @Test
    void aUserWhoWasOutOfMemoryFollowsThePolicysNewPeriod() {
        LedgerWorld world = world(QuotaMode.SHADOW, 100 * MIB, 100 * KIB);
        world.reporter("r1", 1).ofUser("bob", 1).forward("2026-11", KIB).send();
        world.pass(Duration.ofMinutes(10));
        world.tick();
        world.setPolicy(QuotaPolicy.newBuilder(policy(QuotaMode.SHADOW, 100 * MIB, 100 * KIB))
                .setPeriod(QuotaPeriodKind.DAY).build());
        world.reporter("r1", 1).ofUser("bob", 2).forward("2026-11-22", 100 * KIB).send();
        assertThat(world.summary(BOB).period().id()).isEqualTo("2026-11-22");
        assertThat(world.summary(BOB).state()).isEqualTo(QuotaState.EXHAUSTED);
    }

    private static LedgerWorld world(QuotaMode mode, long volume, long userVolume) {
        LedgerWorld world = new LedgerWorld();
        world.setPolicy(policy(mode, volume, userVolume));
        return world;
    }

    private static QuotaPolicy policy(QuotaMode mode, long volume, long userVolume) {
        return QuotaPolicy.newBuilder(LedgerWorld.policy(0, mode, volume, QuotaPeriodKind.MONTH, "UTC"))
                .setUserVolumeBytes(userVolume).build();
    }

    /** Ann, who has spent two grants and closed her account. */
    private static Reporter whoClosed(LedgerWorld world) {
        Reporter ann = world.reporter("r1", 1).ofUser("ann", 1);
        spendAll(ann);
        spendAll(ann);
        close(ann);
        return ann;
    }

    private static void spendAll(Reporter reporter) {
        reporter.want(1).send();
        reporter.accept();
        reporter.draw(reporter.cap - reporter.drawn);
    }

    private static void close(Reporter reporter) {
        reporter.cutTo(reporter.drawn).want(0);
        reporter.last = true;
        reporter.send();
    }
}
