package io.turnpike.contract;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals tenant secrets with AES-256-GCM under the cluster key, so that whoever reads the topics or a relay's snapshot
 * cannot mint credentials. Every program of a cluster is given the same key. Thread-safe.
 */
public final class SecretSeal {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    /** By how many bytes a seal is longer than what it holds. */
    public static final int OVERHEAD_BYTES = NONCE_BYTES + TAG_BITS / 8;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    private SecretSeal(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    /**
     * @param base64Key 32 bytes in base64
     * @throws IllegalArgumentException if it is something else
     */
    public static SecretSeal withKey(String base64Key) {
        byte[] key = Base64.getDecoder().decode(base64Key);
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("the cluster key must be 32 bytes in base64, not " + key.length);
        }
        return new SecretSeal(key);
    }

    /** A new random cluster key in base64. */
    public static String newKey() {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    /**
     * Seals bytes.
     *
     * @param context what the bytes belong to, authenticated but not stored; {@link #tenantSecretContext} for secrets
     * @return nonce, ciphertext and tag
     */
    public byte[] seal(String context, byte[] plain) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, context, nonce).doFinal(plain);
            return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    /** Opens what {@link #seal} made; empty if the key, the context or the bytes differ. */
    public Optional<byte[]> open(String context, byte[] sealed) {
        if (sealed.length < NONCE_BYTES + TAG_BITS / 8) {
            return Optional.empty();
        }
        try {
            byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
            return Optional.of(cipher(Cipher.DECRYPT_MODE, context, nonce)
                    .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** The context of a tenant's secret: a sealed secret moved to another tenant or id does not open. */
    public static String tenantSecretContext(String tenantId, String secretId) {
        return "tenant-secret|" + tenantId + '|' + secretId;
    }

    /** The context of a key of a tenant's access tokens. */
    public static String accessTokenKeyContext(String tenantId, String keyId) {
        return "access-token-key|" + tenantId + '|' + keyId;
    }

    /** The context of a key that signs what is sent to a tenant's webhook. */
    public static String webhookSecretContext(String tenantId, String webhook, String secretId) {
        return "webhook-secret|" + tenantId + '|' + webhook + '|' + secretId;
    }

    /**
     * A key of 32 bytes for another purpose, made from the cluster key by HMAC-SHA256: every program of the cluster makes the
     * same, and it tells nothing of the cluster key.
     */
    public byte[] keyFor(String purpose) {
        return HmacSha256.of(key.getEncoded(), purpose.getBytes(StandardCharsets.UTF_8));
    }

    private Cipher cipher(int mode, String context, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
