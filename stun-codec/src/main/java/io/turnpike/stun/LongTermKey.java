package io.turnpike.stun;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key of a long-term credential: a digest of user name, realm and password (RFC 8489 sections 9.2.2 and 18.5.1).
 *
 * <p>
 * Realm and password go through the OpaqueString profile; the user name is taken as it came, because a signed name such
 * as {@code expiry:tenant:user} must not be altered.
 */
public final class LongTermKey implements IntegrityKey {

    private final PasswordHash hash;
    private final SecretKey secret;

    private LongTermKey(PasswordHash hash, byte[] key) {
        this.hash = hash;
        this.secret = new SecretKeySpec(key, "HMAC");
    }

    /**
     * Derives the key.
     *
     * @throws IllegalArgumentException
     *             if the OpaqueString profile refuses the realm or the password; the message names neither value
     */
    public static LongTermKey derive(PasswordHash hash, String username, String realm, String password) {
        String text = username + ":" + OpaqueString.enforce(realm, "realm") + ":"
                + OpaqueString.enforce(password, "password");
        return new LongTermKey(hash, digest(hash.registryName()).digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Derives the key with MD5, which every client knows. */
    public static LongTermKey md5(String username, String realm, String password) {
        return derive(PasswordHash.MD5, username, realm, password);
    }

    /** Derives the key with SHA-256. */
    public static LongTermKey sha256(String username, String realm, String password) {
        return derive(PasswordHash.SHA256, username, realm, password);
    }

    /**
     * The value of USERHASH: SHA-256 of user name and realm (RFC 8489 section 14.4).
     *
     * @throws IllegalArgumentException
     *             if the OpaqueString profile refuses the realm
     */
    public static Userhash userhash(String username, String realm) {
        String text = username + ":" + OpaqueString.enforce(realm, "realm");
        return new Userhash(Octets.of(digest("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8))));
    }

    /** How the key was derived. */
    public PasswordHash hash() {
        return hash;
    }

    @Override
    public SecretKey secret() {
        return secret;
    }

    @Override
    public String toString() {
        return "LongTermKey[" + hash + "]";
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks " + name, e);
        }
    }
}
