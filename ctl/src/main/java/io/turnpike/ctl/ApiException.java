package io.turnpike.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/** A request that got no good answer, with the message for the operator, the exit code, and what the server said. */
final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final transient JsonNode problem;

    ApiException(int exitCode, String message) {
        this(exitCode, message, MissingNode.getInstance());
    }

    ApiException(int exitCode, String message, JsonNode problem) {
        super(message);
        this.exitCode = exitCode;
        this.problem = problem;
    }

    int exitCode() {
        return exitCode;
    }

    /** The problem document of the server; a missing node if it sent none. */
    JsonNode problem() {
        return problem;
    }
}
