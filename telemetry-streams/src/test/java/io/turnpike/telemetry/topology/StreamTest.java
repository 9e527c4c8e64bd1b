package io.turnpike.telemetry.topology;

import io.turnpike.contract.Topic;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.Events;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test of what becomes of a relay's records in the whole topology. */
abstract class StreamTest {
    /** Begins an hour. */
    static final Instant START = StreamHarness.START;

    @TempDir
    Path stateDir;
    final Events node = new Events("relay-1", 7);
    StreamHarness stream;

    @BeforeEach
    void open() {
        stream = new StreamHarness(stateDir);
    }

    @AfterEach
    void close() {
        stream.close();
    }

    void create(int counter, String tenantId, String userId) {
        stream.send(Topic.ALLOCATION, node.allocationId(counter), node.created(counter, START, tenantId, userId));
    }

    void send(UsageSnapshot snapshot) {
        stream.send(Topic.BANDWIDTH, snapshot.getAllocationId(), snapshot);
    }
}
