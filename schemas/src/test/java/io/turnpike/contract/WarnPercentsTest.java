package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WarnPercentsTest {
    @Test
    void takesAscendingPercentsAndNone() {
        assertThat(List.of(List.<Integer>of(), List.of(1), List.of(80, 95, 100), WarnPercents.DEFAULT))
                .allMatch(WarnPercents::follow);
    }

    @Test
    void refusesWhatIsNoPercentOrOutOfOrderOrTooMany() {
        assertThat(List.of(List.of(0), List.of(-1), List.of(101), List.of(95, 80), List.of(80, 80),
                IntStream.rangeClosed(1, WarnPercents.MOST + 1).boxed().toList()))
                .noneMatch(WarnPercents::follow);
    }

    @Test
    void theDefaultIsTheOneOfTheSchema() {
        QuotaPolicy policy = QuotaPolicy.newBuilder().setTenantId("acme").setPolicyEpoch(1).setMode(QuotaMode.HARD)
                .setPeriod(QuotaPeriodKind.MONTH).setTimeZone("UTC").setOnControlLoss(OnControlLoss.STOP)
                .setUpdatedAt(Instant.EPOCH).build();
        assertThat(policy.getWarnPercents()).isEqualTo(WarnPercents.DEFAULT);
    }
}
