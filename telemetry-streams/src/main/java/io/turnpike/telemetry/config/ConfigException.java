package io.turnpike.telemetry.config;

/** A configuration that must not start; the message names the key and says what to write instead. */
public final class ConfigException extends RuntimeException {
    /** @param message names the key */
    public ConfigException(String message) {
        super(message);
    }

    /** @param message names the key */
    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
