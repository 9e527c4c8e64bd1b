package io.turnpike.stun;

import java.nio.charset.StandardCharsets;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** The key of a short-term credential: the password itself (RFC 8489 section 9.1.1), as ICE uses it. */
public final class ShortTermKey implements IntegrityKey {

    private final SecretKey secret;

    private ShortTermKey(byte[] key) {
        this.secret = new SecretKeySpec(key, "HMAC");
    }

    /**
     * Prepares the password by the OpaqueString profile.
     *
     * @throws IllegalArgumentException
     *             if the profile refuses the password
     */
    public static ShortTermKey of(String password) {
        return new ShortTermKey(OpaqueString.enforce(password, "password").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public SecretKey secret() {
        return secret;
    }

    @Override
    public String toString() {
        return "ShortTermKey";
    }
}
