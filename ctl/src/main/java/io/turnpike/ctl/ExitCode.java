package io.turnpike.ctl;

/** What a script learns from the exit code. */
final class ExitCode {

    static final int OK = 0;
    /** The server refused: bad value, no permission, conflict. */
    static final int REFUSED = 1;
    /** The command line is wrong. */
    static final int USAGE = 2;
    /** The server cannot be reached, or cannot answer now: try again. */
    static final int UNAVAILABLE = 3;
    /** There is no such tenant, user, allocation or node. */
    static final int NOT_FOUND = 4;
    /** Somebody else changed it since it was read: look, and try again. */
    static final int CHANGED = 5;

    private ExitCode() {}
}
