package io.turnpike.node;

import io.turnpike.node.config.DefaultQuota;
import io.turnpike.node.config.QuotaConfig;
import io.turnpike.node.quota.Ladder;
import io.turnpike.node.quota.OnControlLoss;
import io.turnpike.node.quota.PeriodKind;
import io.turnpike.node.quota.QuotaMode;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaSettings;
import java.time.Duration;

/** The configured quota, in the words of the quota package. */
final class QuotaConfiguration {
    private static final Duration IDLE_RETURN = Duration.ofSeconds(10);

    private QuotaConfiguration() {}

    static QuotaSettings settings(QuotaConfig config, int eventLoops) {
        return new QuotaSettings(policy(config.defaultPolicy()), eventLoops, config.admissionTimeout(),
                config.reportInterval(), IDLE_RETURN,
                new Ladder(config.trickleBitsPerSecond(), config.trickleTime(), config.endAfter()),
                config.controlTimeout());
    }

    private static QuotaPolicy policy(DefaultQuota config) {
        return new QuotaPolicy(0, switch (config.mode()) {
            case OFF -> QuotaMode.OFF;
            case SHADOW -> QuotaMode.SHADOW;
            case SOFT -> QuotaMode.SOFT;
            case HARD -> QuotaMode.HARD;
        }, switch (config.period()) {
            case MONTH -> PeriodKind.MONTH;
            case DAY -> PeriodKind.DAY;
        }, config.timeZone(), config.volumeBytes(), switch (config.onControlLoss()) {
            case STOP -> OnControlLoss.STOP;
            case SAFE_RATE -> OnControlLoss.SAFE_RATE;
            case ALLOW -> OnControlLoss.ALLOW;
        });
    }
}
