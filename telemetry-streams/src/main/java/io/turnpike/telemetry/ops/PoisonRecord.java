package io.turnpike.telemetry.ops;

/**
 * Thrown by a step for a record that was read but says what cannot be, before anything is changed. The record goes to
 * the dead-letter topic with the message as the reason, and the stream goes on.
 */
public final class PoisonRecord extends RuntimeException {
    /** @param reason for people; names the field */
    public PoisonRecord(String reason) {
        super(reason, null, false, false);
    }
}
