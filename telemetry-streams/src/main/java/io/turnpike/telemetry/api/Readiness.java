package io.turnpike.telemetry.api;

/**
 * Whether the program can answer.
 *
 * @param ready whether it can
 * @param detail what it is waiting for, for people; empty if ready
 */
public record Readiness(boolean ready, String detail) {
    /** It can. */
    public static Readiness yes() {
        return new Readiness(true, "");
    }

    /** It cannot yet, or not any more. */
    public static Readiness no(String detail) {
        return new Readiness(false, detail);
    }
}
