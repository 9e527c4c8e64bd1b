package io.turnpike.node.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeEpochTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir
    Path dir;

    @Test
    void growsAtEachStartEvenIfTheClockRunsBackward() throws IOException {
        long first = take(NOW);
        assertThat(first).isEqualTo(NOW.toEpochMilli());
        assertThat(take(NOW)).isEqualTo(first + 1);
        assertThat(take(NOW.minusSeconds(86_400))).isEqualTo(first + 2);
        assertThat(take(NOW.plusSeconds(60))).isEqualTo(NOW.plusSeconds(60).toEpochMilli());
    }

    @Test
    void refusesADirectoryThatAnotherRelayHas() throws IOException {
        try (NodeEpoch running = NodeEpoch.take(dir, at(NOW))) {
            assertThat(running.value()).isPositive();
            assertThatThrownBy(() -> NodeEpoch.take(dir, at(NOW))).isInstanceOf(IOException.class)
                    .hasMessageContaining("node.data-dir");
        }
        assertThat(take(NOW)).isPositive();
    }

    @Test
    void refusesAFileThatHoldsNoNumber() throws IOException {
        Files.writeString(dir.resolve("node.epoch"), "seven");
        assertThatThrownBy(() -> take(NOW)).isInstanceOf(IOException.class).hasMessageContaining("node.data-dir");
    }

    private long take(Instant now) throws IOException {
        try (NodeEpoch epoch = NodeEpoch.take(dir, at(now))) {
            return epoch.value();
        }
    }

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }
}
