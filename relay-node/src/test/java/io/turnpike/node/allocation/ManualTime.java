package io.turnpike.node.allocation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Both clocks of a relay, moved by hand. */
public final class ManualTime extends Clock {
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private long nanos;

    public void advance(Duration by) {
        nanos += by.toNanos();
    }

    public long nanoTime() {
        return nanos;
    }

    @Override
    public Instant instant() {
        return START.plusNanos(nanos);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
