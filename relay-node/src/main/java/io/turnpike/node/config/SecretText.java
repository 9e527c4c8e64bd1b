package io.turnpike.node.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A configured password, secret or key that prints as stars, so that no log line or message can hold it. */
public final class SecretText {
    private final String text;

    private SecretText(String text) {
        this.text = text;
    }

    /** Wraps a secret. */
    public static SecretText of(String text) {
        return new SecretText(text);
    }

    /** The secret itself, for the one place that computes with it. */
    public String reveal() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretText secret && MessageDigest.isEqual(text.getBytes(StandardCharsets.UTF_8),
                secret.text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
