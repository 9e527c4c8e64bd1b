package io.turnpike.telemetry.ledger;

import static io.turnpike.telemetry.ledger.LedgerWorld.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.LedgerWorld.Reporter;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A policy warns at each of its percents, once in a period. */
class WarningsTest {
    private static final String NOVEMBER = "2026-11";

    private final LedgerWorld world = new LedgerWorld();
    private final Reporter node = world.reporter("r1", 1);

    private void policy(QuotaMode mode, long volume, Integer... percents) {
        QuotaPolicy policy = LedgerWorld.policy(0, mode, volume, QuotaPeriodKind.MONTH, "UTC");
        world.setPolicy(QuotaPolicy.newBuilder(policy).setWarnPercents(Arrays.asList(percents)).build());
    }

    private List<String> warnings() {
        return world.audits.stream().filter(audit -> audit.getKind() == AuditKind.STATE_CHANGED)
                .map(QuotaAudit::getReason).filter(reason -> reason.contains("%")).toList();
    }

    @Test
    void auditsEachPercentOnceAsItIsPassed() {
        policy(QuotaMode.SOFT, 100 * MIB, 50, 95);
        node.forward(NOVEMBER, 50 * MIB - 1).send();
        assertThat(warnings()).isEmpty();
        node.forward(NOVEMBER, 1).send();
        node.forward(NOVEMBER, 30 * MIB).send();
        assertThat(warnings()).containsExactly("50 % of the volume is used");
        node.forward(NOVEMBER, 15 * MIB).send();
        node.forward(NOVEMBER, 1).send();
        assertThat(warnings()).containsExactly("50 % of the volume is used", "95 % of the volume is used");
        assertThat(world.audits).extracting(QuotaAudit::getWarnedPercent).filteredOn(percent -> percent > 0)
                .containsExactly(50, 95);
        assertThat(world.audits.get(world.audits.size() - 1)).extracting(QuotaAudit::getFromState,
                QuotaAudit::getToState).containsExactly(QuotaState.WARN, QuotaState.WARN);
    }

    @Test
    void auditsAllThatOneReportPasses() {
        policy(QuotaMode.SHADOW, 100 * MIB, 50, 95);
        node.forward(NOVEMBER, 200 * MIB).send();
        assertThat(world.audits).filteredOn(audit -> audit.getKind() == AuditKind.STATE_CHANGED)
                .extracting(QuotaAudit::getToState)
                .containsExactly(QuotaState.WARN, QuotaState.WARN, QuotaState.EXHAUSTED);
    }

    @Test
    void aHardQuotaWarnsByWhatIsSpentAndNotByWhatIsGranted() {
        policy(QuotaMode.HARD, 5 * MIB, 10, 20, 80, 99);
        node.want(1);
        for (int i = 0; i < 10_000 && world.quota().state() != QuotaState.EXHAUSTED; i++) {
            node.send();
            node.accept().draw(node.cap - node.drawn);
        }
        assertThat(warnings()).extracting(reason -> reason.split(" ")[0]).containsExactly("10", "20", "80", "99");
        assertThat(world.audits).allSatisfy(audit -> assertThat(audit.getUsedBytes()).isLessThanOrEqualTo(5 * MIB));
    }

    @Test
    void aRaiseArmsWhatItLeavesBehind() {
        policy(QuotaMode.SOFT, 100 * MIB, 50, 95);
        node.forward(NOVEMBER, 96 * MIB).send();
        policy(QuotaMode.SOFT, 150 * MIB, 50, 95);
        assertThat(world.quota().state()).isEqualTo(QuotaState.WARN);
        node.forward(NOVEMBER, 50 * MIB).send();
        assertThat(warnings()).extracting(reason -> reason.split(" ")[0]).containsExactly("50", "95", "95");
        policy(QuotaMode.SOFT, 1_000 * MIB, 50, 95);
        assertThat(world.quota().state()).isEqualTo(QuotaState.OPEN);
    }

    @Test
    void aPercentThatIsAddedBelowTheUseWarnsAtOnce() {
        policy(QuotaMode.SOFT, 100 * MIB, 50);
        node.forward(NOVEMBER, 96 * MIB).send();
        policy(QuotaMode.SOFT, 100 * MIB, 50, 95);
        assertThat(warnings()).hasSize(2).last().isEqualTo("95 % of the volume is used");
    }

    @Test
    void neverWarnsWithoutPercents() {
        policy(QuotaMode.SOFT, 100 * MIB);
        node.forward(NOVEMBER, 99 * MIB).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.OPEN);
        node.forward(NOVEMBER, MIB).send();
        assertThat(world.quota().state()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(warnings()).isEmpty();
    }

    @Test
    void theNextPeriodWarnsAgainAndAFailoverDoesNot() {
        policy(QuotaMode.SOFT, 100 * MIB, 50);
        node.forward(NOVEMBER, 60 * MIB).send();
        world.restart();
        node.forward(NOVEMBER, MIB).send();
        assertThat(warnings()).hasSize(1);
        world.now = Instant.parse("2026-12-01T00:00:00Z");
        world.tick();
        world.reporter("r2", 1).forward("2026-12", 60 * MIB).send();
        assertThat(warnings()).hasSize(2);
    }

    @Test
    void readsStateOfABuildThatKnewOneWarning() {
        policy(QuotaMode.SOFT, 100 * MIB, 80);
        node.forward(NOVEMBER, 90 * MIB).send();
        byte[] bytes = world.quota().toBytes();
        QuotaStanding read = QuotaStanding.fromBytes(Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(read.state()).isEqualTo(QuotaState.WARN);
        assertThat(read.warnedPercent).isEqualTo(80);
    }
}
