package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener.SuspendReason;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.Test;

class StoreProgressTest {
    private static final TopicPartition SESSIONS = new TopicPartition("app-sessions-changelog", 0);
    private static final TopicPartition NODES = new TopicPartition("app-nodes-changelog", 0);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final StoreProgress progress = new StoreProgress(registry);

    @Test
    void saysWhatIsReadBackAndHowFarItIs() {
        assertThat(progress.restoring()).isEmpty();
        progress.onRestoreStart(SESSIONS, "sessions", 1_000, 2_000);
        progress.onRestoreStart(NODES, "nodes", 0, 1_000);
        progress.onBatchRestored(SESSIONS, "sessions", 1_500, 400);

        assertThat(progress.restoring()).contains(new StoreProgress.Restore(List.of("nodes", "sessions"), 1_500, 25));
        assertThat(value("turn_telemetry_restoring_stores")).isEqualTo(2);
        assertThat(value("turn_telemetry_restore_remaining_records")).isEqualTo(1_500);

        progress.onRestoreEnd(NODES, "nodes", 1_000);
        assertThat(progress.restoring()).contains(new StoreProgress.Restore(List.of("sessions"), 500, 75));
        progress.onRestoreSuspended(SESSIONS, "sessions", 400);
        assertThat(progress.restoring()).isEmpty();
        assertThat(registry.get("turn_telemetry_restored_records").counter().count()).isEqualTo(400);
    }

    @Test
    void aLaterRestoreBeginsAtZero() {
        progress.onRestoreStart(NODES, "nodes", 0, 1_000);
        progress.onRestoreEnd(NODES, "nodes", 1_000);
        progress.onRestoreStart(SESSIONS, "sessions", 0, 10);

        assertThat(progress.restoring()).contains(new StoreProgress.Restore(List.of("sessions"), 10, 0));
    }

    @Test
    void saysHowFarTheCopiesAreBehind() {
        progress.onUpdateStart(SESSIONS, "sessions", 100);
        progress.onBatchLoaded(SESSIONS, "sessions", new TaskId(1, 0), 149, 50, 400);

        assertThat(value("turn_telemetry_standby_stores")).isEqualTo(1);
        assertThat(value("turn_telemetry_standby_lag_records")).isEqualTo(250);
        assertThat(progress.restoring()).as("a copy keeps nobody waiting").isEmpty();

        progress.onBatchLoaded(SESSIONS, "sessions", new TaskId(1, 0), 399, 250, 400);
        assertThat(value("turn_telemetry_standby_lag_records")).isZero();
        progress.onUpdateSuspended(SESSIONS, "sessions", 400, 400, SuspendReason.PROMOTED);
        assertThat(value("turn_telemetry_standby_stores")).isZero();
    }

    private double value(String gauge) {
        return registry.get(gauge).gauge().value();
    }
}
