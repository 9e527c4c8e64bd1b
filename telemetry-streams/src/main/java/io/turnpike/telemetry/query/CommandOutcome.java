package io.turnpike.telemetry.query;

/** What the ledger decided on a command. */
public sealed interface CommandOutcome {
    /**
     * It was carried out.
     *
     * @param version version (tenant) or policy epoch (quota) after it
     * @param created whether the thing did not exist before
     */
    record Applied(long version, boolean created) implements CommandOutcome {}

    /**
     * The writer has seen another version than the one that is there.
     *
     * @param version the one that is there, 0 for none
     */
    record PreconditionFailed(long version, String reason) implements CommandOutcome {}

    /** There is no such tenant, or it has no such webhook. */
    record Missing(String reason) implements CommandOutcome {}

    /**
     * The command cannot be carried out as it is.
     *
     * @param field JSON field that is at fault, or empty
     */
    record Invalid(String field, String reason) implements CommandOutcome {}
}
