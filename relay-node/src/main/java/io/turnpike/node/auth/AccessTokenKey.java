package io.turnpike.node.auth;

import java.security.MessageDigest;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key that a tenant shares with its authorization server to seal access tokens (RFC 7635 section 4.1); several with
 * different ids are valid together, so that they can be rotated. 16 bytes are A128GCM, 32 bytes are A256GCM.
 */
public final class AccessTokenKey {
    private static final int A128GCM_BYTES = 16;
    private static final int A256GCM_BYTES = 32;

    private final String id;
    private final byte[] key;

    /**
     * @param id the kid of its tokens
     * @param key 16 or 32 bytes, copied
     */
    public AccessTokenKey(String id, byte[] key) {
        if (!isKeyLength(key.length)) {
            throw new IllegalArgumentException("the access token key " + id + " must have 16 or 32 bytes");
        }
        this.id = id;
        this.key = key.clone();
    }

    /** Whether a key may have so many bytes. */
    public static boolean isKeyLength(int bytes) {
        return bytes == A128GCM_BYTES || bytes == A256GCM_BYTES;
    }

    /** Name of the key within the tenant. */
    public String id() {
        return id;
    }

    SecretKey secret() {
        return new SecretKeySpec(key, "AES");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccessTokenKey that && id.equals(that.id) && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "AccessTokenKey[" + id + "]";
    }
}
