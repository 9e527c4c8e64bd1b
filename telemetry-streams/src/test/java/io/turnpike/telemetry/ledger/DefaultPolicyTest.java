package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.KIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A tenant that has no policy of its own is held to the default one. */
class DefaultPolicyTest {
    private static final long VOLUME = 100 * KIB;

    @Test
    void isGrantedNoMoreThanTheDefaultVolumeOverAllNodes() {
        LedgerWorld world = new LedgerWorld();
        world.ledger = new QuotaLedger(world.store,
                LedgerWorld.policy(0, QuotaMode.HARD, VOLUME, QuotaPeriodKind.MONTH, "UTC"));
        Reporter first = world.reporter("r1", 1).want(1);
        Reporter second = world.reporter("r2", 1).want(1);
        for (int i = 0; i < 100; i++) {
            for (Reporter node : new Reporter[]{first, second}) {
                node.send();
                node.accept().draw(node.cap - node.drawn);
                world.pass(Duration.ofSeconds(1));
            }
        }
        assertThat(world.quota().state()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(first.drawn + second.drawn).isEqualTo(VOLUME);
        assertThat(world.totals().chargeBytes()).isEqualTo(VOLUME);
    }
}
