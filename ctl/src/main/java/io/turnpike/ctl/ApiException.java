package io.turnpike.ctl;

/** A request that got no good answer, with the message for the operator and the exit code. */
final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    ApiException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
