package io.turnpike.contract;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What is inside the ACCESS-TOKEN attribute (RFC 7635 section 6.2): a key that only the client, the authorization server
 * and the relays know, and how long it is good. An authorization server seals it, a relay opens it; nothing is stored.
 *
 * <p>On the wire: nonce length (2 bytes) and nonce, then under AES-GCM, with the STUN server name as associated data: key
 * length (2), mac_key, timestamp (8: 48 bits of seconds since 1970, 16 bits of 1/64000 s), lifetime in seconds (4); the
 * 16-byte tag ends it. What an issuer appends after the lifetime, sealed like the rest, is the user id: an extension of
 * Turnpike's, for RFC 7635 tokens name no user.
 */
public final class AccessToken {
    /** The mac_key that every server takes: 160 bits (RFC 7635 section 6.2). */
    public static final int MAC_KEY_BYTES = 20;

    private static final int MOST_MAC_KEY_BYTES = 64;
    private static final int LENGTH_BYTES = Short.BYTES;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int LEAST_PLAIN_BYTES = LENGTH_BYTES + MAC_KEY_BYTES + Long.BYTES + Integer.BYTES;
    private static final int LEAST_BYTES = LENGTH_BYTES + NONCE_BYTES + LEAST_PLAIN_BYTES + TAG_BYTES;
    private static final int MOST_BYTES = LEAST_BYTES + MOST_MAC_KEY_BYTES - MAC_KEY_BYTES + TenantName.MAX_USER_BYTES;
    private static final int FRACTION_BITS = 16;
    private static final long MOST_SECONDS = (1L << Long.SIZE - FRACTION_BITS) - 1;
    private static final long MOST_LIFETIME_SECONDS = 0xFFFF_FFFFL;
    private static final int NANOS_PER_FRACTION = 15_625;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] macKey;
    private final Instant issuedAt;
    private final Duration lifetime;
    private final Optional<String> userId;

    /**
     * @param macKey 20 to 64 bytes, copied; the key of MESSAGE-INTEGRITY
     * @param issuedAt not before 1970; kept to 1/64000 s
     * @param lifetime whole seconds, less than 2^32
     * @param userId who it is for, or empty
     */
    public AccessToken(byte[] macKey, Instant issuedAt, Duration lifetime, Optional<String> userId) {
        if (macKey.length < MAC_KEY_BYTES || macKey.length > MOST_MAC_KEY_BYTES) {
            throw new IllegalArgumentException("a mac_key has 20 to 64 bytes, not " + macKey.length);
        }
        if (issuedAt.getEpochSecond() < 0 || issuedAt.getEpochSecond() > MOST_SECONDS) {
            throw new IllegalArgumentException("the time does not fit into 48 bits of seconds");
        }
        if (lifetime.isNegative() || lifetime.toSeconds() > MOST_LIFETIME_SECONDS) {
            throw new IllegalArgumentException("the lifetime does not fit into 32 bits of seconds");
        }
        if (userId.isPresent() && !TenantName.isUserId(userId.get())) {
            throw new IllegalArgumentException("not a user id");
        }
        this.macKey = macKey.clone();
        this.issuedAt = issuedAt;
        this.lifetime = lifetime;
        this.userId = userId;
    }

    /** A token with a fresh mac_key of 160 bits. */
    public static AccessToken issue(Instant now, Duration lifetime, Optional<String> userId) {
        byte[] macKey = new byte[MAC_KEY_BYTES];
        RANDOM.nextBytes(macKey);
        return new AccessToken(macKey, now, lifetime, userId);
    }

    /** Copy of the key of MESSAGE-INTEGRITY. */
    public byte[] macKey() {
        return macKey.clone();
    }

    /** When it was made, by the authorization server's clock. */
    public Instant issuedAt() {
        return issuedAt;
    }

    /** How long it is good. */
    public Duration lifetime() {
        return lifetime;
    }

    /** Who it is for, where the issuer said so. */
    public Optional<String> userId() {
        return userId;
    }

    /**
     * Seals the token for a server.
     *
     * @param key 16 bytes (A128GCM) or 32 bytes (A256GCM), shared with the server
     * @param serverName name of THIRD-PARTY-AUTHORIZATION
     * @return the value of ACCESS-TOKEN
     */
    public byte[] seal(byte[] key, String serverName) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return seal(key, serverName, nonce);
    }

    byte[] seal(byte[] key, String serverName, byte[] nonce) {
        byte[] user = userId.orElse("").getBytes(StandardCharsets.UTF_8);
        long time = issuedAt.getEpochSecond() << FRACTION_BITS | issuedAt.getNano() / NANOS_PER_FRACTION;
        byte[] plain = ByteBuffer.allocate(LENGTH_BYTES + macKey.length + Long.BYTES + Integer.BYTES + user.length)
                .putShort((short) macKey.length).put(macKey).putLong(time).putInt((int) lifetime.toSeconds()).put(user)
                .array();
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), serverName, nonce)
                    .doFinal(plain);
            return ByteBuffer.allocate(LENGTH_BYTES + nonce.length + sealed.length).putShort((short) nonce.length)
                    .put(nonce).put(sealed).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    /**
     * Opens what a client sent.
     *
     * @param key an AES key of 16 or 32 bytes
     * @param serverName name of THIRD-PARTY-AUTHORIZATION
     * @param token any bytes
     * @return empty if the key, the name or the bytes differ, or the content is none of the above
     */
    public static Optional<AccessToken> open(SecretKey key, String serverName, byte[] token) {
        if (token.length < LEAST_BYTES || token.length > MOST_BYTES
                || ByteBuffer.wrap(token).getShort() != NONCE_BYTES) {
            return Optional.empty();
        }
        byte[] nonce = Arrays.copyOfRange(token, LENGTH_BYTES, LENGTH_BYTES + NONCE_BYTES);
        int sealed = LENGTH_BYTES + NONCE_BYTES;
        try {
            return read(cipher(Cipher.DECRYPT_MODE, key, serverName, nonce)
                    .doFinal(token, sealed, token.length - sealed));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** Reads what was sealed; the sealer may have been wrong, so every length is held against what is left. */
    static Optional<AccessToken> read(byte[] plain) {
        if (plain.length < LEAST_PLAIN_BYTES) {
            return Optional.empty();
        }
        ByteBuffer fields = ByteBuffer.wrap(plain);
        int keyLength = Short.toUnsignedInt(fields.getShort());
        if (keyLength < MAC_KEY_BYTES || keyLength > MOST_MAC_KEY_BYTES
                || fields.remaining() < keyLength + Long.BYTES + Integer.BYTES) {
            return Optional.empty();
        }
        byte[] macKey = new byte[keyLength];
        fields.get(macKey);
        long time = fields.getLong();
        long fraction = time & (1L << FRACTION_BITS) - 1;
        Instant issuedAt = Instant.ofEpochSecond(time >>> FRACTION_BITS, fraction * NANOS_PER_FRACTION);
        Duration lifetime = Duration.ofSeconds(Integer.toUnsignedLong(fields.getInt()));
        if (!fields.hasRemaining()) {
            return issuedAt.getEpochSecond() > MOST_SECONDS
                    ? Optional.empty()
                    : Optional.of(new AccessToken(macKey, issuedAt, lifetime, Optional.empty()));
        }
        return userId(fields).filter(user -> issuedAt.getEpochSecond() <= MOST_SECONDS)
                .map(user -> new AccessToken(macKey, issuedAt, lifetime, Optional.of(user)));
    }

    private static Optional<String> userId(ByteBuffer bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(bytes);
            return Optional.of(text.toString()).filter(TenantName::isUserId);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static Cipher cipher(int mode, SecretKey key, String serverName, byte[] nonce)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        cipher.updateAAD(serverName.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    @Override
    public String toString() {
        return "AccessToken[" + issuedAt + " for " + lifetime.toSeconds() + " s]";
    }
}
