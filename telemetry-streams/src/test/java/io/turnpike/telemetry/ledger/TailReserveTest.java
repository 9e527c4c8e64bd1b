package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import org.junit.jupiter.api.Test;

/** QUOTA.md rule 19: the tail of a volume is granted last, in small shares, and is part of the volume. */
class TailReserveTest {
    private static final long TAIL = 5 * MIB / 10;

    private final LedgerWorld world = new LedgerWorld();

    private void hard(long volume, int tailPercent) {
        QuotaPolicy policy = LedgerWorld.policy(0, QuotaMode.HARD, volume, QuotaPeriodKind.MONTH, "UTC");
        world.setPolicy(QuotaPolicy.newBuilder(policy).setTailPercent(tailPercent).build());
    }

    private void trickle(Reporter node, int times) {
        for (int i = 0; i < times; i++) {
            node.wantTail = 16_000;
            node.send();
            node.accept().draw(node.cap - node.drawn);
        }
    }

    @Test
    void isKeptUntilTheRestIsGranted() {
        hard(5 * MIB, 10);
        Reporter node = world.exhaust("r1");
        assertThat(node.drawn).isEqualTo(5 * MIB - TAIL);
        assertThat(world.grants).noneMatch(QuotaGrant::getTrickle);
    }

    @Test
    void isGrantedWhollyToWhoeverTricklesAndNotAByteMore() {
        hard(5 * MIB, 10);
        Reporter node = world.exhaust("r1");
        trickle(node, 1);
        assertThat(world.lastGrant()).extracting(QuotaGrant::getTrickle, QuotaGrant::getState)
                .containsExactly(true, QuotaState.EXHAUSTED);
        assertThat(node.drawn).isEqualTo(5 * MIB - TAIL + 16_000);
        trickle(node, 200);
        assertThat(node.drawn).isEqualTo(5 * MIB);
        assertThat(world.totals().chargeBytes()).isEqualTo(5 * MIB);
        assertThat(world.summary().overshootBoundBytes()).hasValue(0);
        assertThat(world.audits).noneMatch(audit -> audit.getKind() == AuditKind.ALARM);
    }

    @Test
    void isNotGrantedToNodesThatDoNotTrickleOrWhereThereIsNone() {
        hard(5 * MIB, 10);
        Reporter node = world.exhaust("r1");
        int published = world.grants.size();
        node.send();
        assertThat(world.grants).hasSize(published);

        hard(5 * MIB, 0);
        trickle(world.exhaust("r2"), 3);
        assertThat(world.grants).noneMatch(QuotaGrant::getTrickle);
    }

    @Test
    void leavesAShareForEveryLiveNode() {
        hard(MIB, 10);
        Reporter greedy = world.exhaust("r1");
        Reporter other = world.reporter("r2", 1).want(1);
        other.send();
        other.accept();
        greedy.wantTail = 10 * MIB;
        greedy.send();
        long left = MIB - world.totals().chargeBytes();
        assertThat(left).isGreaterThan(MIB / 10 / 2);
        trickle(other, 1);
        assertThat(other.drawn).isEqualTo(16_000);
    }

    @Test
    void aRaisedVolumeGrantsOrdinaryCreditAgain() {
        hard(5 * MIB, 10);
        Reporter node = world.exhaust("r1");
        trickle(node, 2);
        hard(10 * MIB, 10);
        assertThat(world.lastGrant()).extracting(QuotaGrant::getTrickle, QuotaGrant::getState)
                .containsExactly(false, QuotaState.OPEN);
        assertThat(world.lastGrant().getGrantBytes()).isGreaterThan(node.drawn);
    }

    @Test
    void returnedTailReopensNothing() {
        hard(5 * MIB, 10);
        Reporter node = world.exhaust("r1");
        node.wantTail = 16_000;
        node.send();
        node.accept().cutTo(node.drawn);
        node.wantTail = 0;
        node.want(0).send();
        assertThat(world.totals().chargeBytes()).isEqualTo(5 * MIB - TAIL);
        assertThat(world.quota().state()).isEqualTo(QuotaState.EXHAUSTED);
    }

    @Test
    void aRaiseThatIsTooSmallIsToldUnderItsPolicy() {
        hard(5 * MIB, 10);
        world.exhaust("r1");
        hard(5 * MIB + 700, 10);
        assertThat(world.lastGrant()).extracting(QuotaGrant::getState, QuotaGrant::getPolicyEpoch)
                .containsExactly(QuotaState.EXHAUSTED, 2L);
    }

    @Test
    void aModeThatGrantsNothingDoesNotTrickle() {
        hard(5 * MIB, 10);
        Reporter node = world.exhaust("r1");
        trickle(node, 1);
        world.setMode(QuotaMode.SOFT, 5 * MIB);
        node.forward("2026-11", MIB).send();
        assertThat(world.lastGrant()).extracting(QuotaGrant::getState, QuotaGrant::getTrickle)
                .containsExactly(QuotaState.EXHAUSTED, false);
    }
}
