package io.turnpike.node.allocation;

import io.turnpike.stun.Octets;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and reads MOBILITY-TICKETs (RFC 8016 section 3.3): where the allocation is and which ticket of its it is, sealed
 * with AES-128-GCM, so that nobody can make one or learn anything from one. Nothing is kept for a ticket. Confined to its
 * event loop; the key is the process's, because an allocation does not outlive it.
 */
public final class MobilityTickets {
    /** Octets of the key. */
    static final int KEY_BYTES = 16;

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int CONTENT_BYTES = Short.BYTES + Long.BYTES + Integer.BYTES;
    /** Octets of a ticket: nonce, content, tag. */
    static final int TICKET_BYTES = NONCE_BYTES + CONTENT_BYTES + TAG_BITS / Byte.SIZE;

    private final SecretKey key;
    private final SecureRandom random;
    private final Cipher cipher;

    /**
     * What a ticket says.
     *
     * @param loop the event loop that owns the allocation
     * @param serial the allocation's number on that loop
     * @param generation 0 for the ticket of the Allocate, one more for each later one
     */
    public record Ticket(int loop, long serial, int generation) {}

    /**
     * Uses a key that other loops use too.
     *
     * @param key 16 octets
     * @param random source of nonces; must be unpredictable
     */
    public MobilityTickets(byte[] key, SecureRandom random) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a ticket key has " + KEY_BYTES + " octets");
        }
        this.key = new SecretKeySpec(key, "AES");
        this.random = random;
        try {
            cipher = Cipher.getInstance(CIPHER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + CIPHER, e);
        }
    }

    /** A new key, for all loops of a process. */
    public static byte[] newKey(SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return key;
    }

    Octets seal(Ticket ticket) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        ByteBuffer content = ByteBuffer.allocate(CONTENT_BYTES).putShort((short) ticket.loop).putLong(ticket.serial)
                .putInt(ticket.generation).flip();
        ByteBuffer sealed = ByteBuffer.allocate(TICKET_BYTES).put(nonce);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.doFinal(content, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a ticket of fixed size can be sealed", e);
        }
        return Octets.of(sealed.array());
    }

    /** What a ticket says; empty unless this process made it. */
    public Optional<Ticket> open(Octets ticket) {
        if (ticket.length() != TICKET_BYTES) {
            return Optional.empty();
        }
        byte[] sealed = ticket.toByteArray();
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES));
            ByteBuffer content = ByteBuffer
                    .wrap(cipher.doFinal(sealed, NONCE_BYTES, TICKET_BYTES - NONCE_BYTES));
            return Optional.of(
                    new Ticket(Short.toUnsignedInt(content.getShort()), content.getLong(), content.getInt()));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a ticket of fixed size can be opened", e);
        }
    }
}
