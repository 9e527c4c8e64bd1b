package io.turnpike.stun;

import java.security.MessageDigest;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** The mac_key of an access token, which is the key of the HMAC as it is, without a digest (RFC 7635 section 5). */
public final class MacKey implements IntegrityKey {

    private final byte[] key;

    private MacKey(byte[] key) {
        this.key = key;
    }

    /** Copies the bytes; at least one. */
    public static MacKey of(byte[] key) {
        return new MacKey(key.clone());
    }

    @Override
    public SecretKey secret() {
        return new SecretKeySpec(key, "HMAC");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MacKey that && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return MacKey.class.hashCode();
    }

    @Override
    public String toString() {
        return "MacKey";
    }
}
