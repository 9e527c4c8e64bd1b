package io.turnpike.telemetry.ops;

import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;

/**
 * Thrown by a step for a record that was read but says what cannot be, before anything is changed. The record goes to
 * the dead-letter topic with the message as the reason, and the stream goes on.
 */
public final class PoisonRecord extends RuntimeException {
    private final transient DeadLetter.Cause cause;

    /** @param reason for people; names the field */
    public PoisonRecord(String reason) {
        this(new DeadLetter.Cause(DeadLetterReason.NONSENSE, PoisonRecord.class.getName(), reason));
    }

    PoisonRecord(DeadLetter.Cause cause) {
        super(cause.message(), null, false, false);
        this.cause = cause;
    }

    DeadLetter.Cause cause() {
        return cause;
    }
}
