package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.ops.DeadLetters;
import io.turnpike.telemetry.ops.RocksDbMemory;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TelemetryTopologyTest {
    /**
     * The names are part of the state that runs in production: a change of this file is a migration. Where it is meant,
     * the file is replaced by what the test prints.
     */
    @Test
    void isTheTopologyThatIsWrittenDown(@TempDir Path stateDir) throws IOException {
        TelemetryMetrics metrics = new TelemetryMetrics(new SimpleMeterRegistry());
        String described;
        try (RocksDbMemory memory = new RocksDbMemory(1 << 20)) {
            Properties settings = StreamHarness.settings(stateDir,
                    StreamHarness.deadLetters(1, metrics, System::nanoTime),
                    memory);
            described = TelemetryTopology.build(settings, topic -> 1, metrics, () -> 0, StreamHarness.defaultPolicy(),
                    partition -> ControlHistory.Decided.NOTHING, hour -> Optional.of(false)).describe().toString();
        }
        try (var golden = TelemetryTopologyTest.class.getResourceAsStream("/topology.txt")) {
            assertThat(described.strip())
                    .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8).strip());
        }
    }
}
