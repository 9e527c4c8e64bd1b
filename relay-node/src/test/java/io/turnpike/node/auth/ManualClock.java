package io.turnpike.node.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A wall clock that only the test moves. */
final class ManualClock implements InstantSource {
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    void advance(Duration duration) {
        now = now.plus(duration);
    }
}
