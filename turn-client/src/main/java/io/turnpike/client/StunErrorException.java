package io.turnpike.client;

import io.turnpike.stun.ErrorCodeAttribute;

/** The server refused a request with an error response. */
public final class StunErrorException extends RuntimeException {

    private final transient StunAnswer answer;
    private final int code;

    StunErrorException(StunAnswer answer) {
        super("the server answered: " + answer + answer.get(ErrorCodeAttribute.class)
                .map(error -> " " + error.reason()).orElse(""));
        this.answer = answer;
        this.code = answer.errorCode();
    }

    /** The number of ERROR-CODE, 0 if it was absent. */
    public int code() {
        return code;
    }

    /** The whole response. */
    public StunAnswer answer() {
        return answer;
    }
}
