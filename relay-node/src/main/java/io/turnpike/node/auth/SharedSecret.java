package io.turnpike.node.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import io.turnpike.contract.TurnUsername;

/** A TURN REST shared secret of a tenant; several with different ids are valid together, so that they can be rotated. */
public final class SharedSecret {
    private final String id;
    private final Algorithm algorithm;
    private final byte[] secret;

    /** HMAC that turns a user name into a password. */
    public enum Algorithm {
        HMAC_SHA1("HmacSHA1"), HMAC_SHA256("HmacSHA256");

        private final String macName;

        Algorithm(String macName) {
            this.macName = macName;
        }
    }

    /** @param secret the bytes, copied */
    public SharedSecret(String id, Algorithm algorithm, byte[] secret) {
        if (secret.length == 0) {
            throw new IllegalArgumentException("the secret " + id + " is empty");
        }
        this.id = id;
        this.algorithm = algorithm;
        this.secret = secret.clone();
    }

    /** A secret given as text: its UTF-8 bytes. */
    public SharedSecret(String id, Algorithm algorithm, String secret) {
        this(id, algorithm, secret.getBytes(StandardCharsets.UTF_8));
    }

    /** Name of the secret within the tenant. */
    public String id() {
        return id;
    }

    /** The password that this secret gives a user name. */
    String passwordOf(String username) {
        return TurnUsername.restPassword(algorithm.macName, secret, username);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SharedSecret that && id.equals(that.id) && algorithm == that.algorithm
                && MessageDigest.isEqual(secret, that.secret);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "SharedSecret[" + id + "]";
    }
}
