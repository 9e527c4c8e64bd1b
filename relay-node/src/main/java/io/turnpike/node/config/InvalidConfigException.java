package io.turnpike.node.config;

/** A configuration that must not start. The message names the key and says what to write; it never holds a secret. */
public final class InvalidConfigException extends RuntimeException {
    /** @param message begins with the key */
    public InvalidConfigException(String message) {
        super(message);
    }
}
