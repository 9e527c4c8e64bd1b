package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.contract.Topic;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.Events;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.Stores;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    @TempDir
    Path stateDir;
    private final Events node = new Events("relay-1", 7);

    @Test
    void bucketsGoByTheWallClockEachAtItsTimeAndTheUserWithTheLastDay() {
        try (StreamHarness stream = new StreamHarness(stateDir)) {
            Instant start = StreamHarness.START;
            UsageSnapshot snapshot = node.snapshot(1, start, start.plusSeconds(10), "acme", "al", 1_000);
            stream.send(Topic.BANDWIDTH, snapshot.getAllocationId(), snapshot);
            stream.send(Topic.ALLOCATION, snapshot.getAllocationId(),
                    node.ended(1, start.plusSeconds(20), "acme", "al", EndReason.CLIENT_RELEASED));
            stream.flush();

            stream.advance(Bucket.MINUTE.retention().minusMinutes(5));
            assertThat(stream.user(Bucket.MINUTE, "acme", "al")).hasSize(1);
            stream.advance(Duration.ofMinutes(10));
            assertThat(stream.user(Bucket.MINUTE, "acme", "al")).isEmpty();
            assertThat(stream.tenant(Bucket.MINUTE, "acme")).isEmpty();
            assertThat(stream.user(Bucket.HOUR, "acme", "al")).hasSize(1);

            stream.advance(Bucket.HOUR.retention());
            assertThat(stream.user(Bucket.HOUR, "acme", "al")).isEmpty();
            assertThat(stream.user(Bucket.DAY, "acme", "al")).hasSize(1);
            assertThat(rows(stream, Stores.USERS)).isEqualTo(1);

            stream.advance(Bucket.DAY.retention());
            stream.advance(Bucket.DAY.length().multipliedBy(2));
            assertThat(stream.user(Bucket.DAY, "acme", "al")).isEmpty();
            assertThat(rows(stream, Stores.USERS)).isZero();
        }
    }

    @Test
    void tooManyPoisonRecordsInAMinuteStopTheStreamInsteadOfDrainingTheTopic() {
        try (StreamHarness stream = new StreamHarness(stateDir, 3)) {
            for (int i = 0; i < 3; i++) {
                stream.sendBytes(Topic.BANDWIDTH, "x", new byte[]{1, 2, 3});
            }
            stream.advance(Duration.ofMinutes(2)); // a new minute counts anew
            for (int i = 0; i < 3; i++) {
                stream.sendBytes(Topic.BANDWIDTH, "x", new byte[]{1, 2, 3});
            }
            assertThat(stream.isWholesale()).isFalse();

            assertThatThrownBy(() -> stream.sendBytes(Topic.BANDWIDTH, "x", new byte[]{1, 2, 3}))
                    .isInstanceOf(StreamsException.class);
            assertThat(stream.isWholesale()).isTrue();
        }
    }

    private static long rows(StreamHarness stream, String store) {
        long rows = 0;
        try (KeyValueIterator<byte[], byte[]> all = stream.store(store).all()) {
            while (all.hasNext()) {
                all.next();
                rows++;
            }
        }
        return rows;
    }
}
