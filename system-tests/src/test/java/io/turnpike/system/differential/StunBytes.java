package io.turnpike.system.differential;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Writes one STUN message byte by byte, right or wrong (RFC 8489 section 5). It knows nothing of the product's codec, so
 * that both cannot be wrong in the same way.
 */
final class StunBytes {
    static final int COOKIE = 0x2112A442;
    static final int HEADER_BYTES = 20;
    private static final int INTEGRITY_BYTES = 24;
    private static final int INTEGRITY_SHA256_BYTES = 36;
    private static final int FINGERPRINT_BYTES = 8;
    private static final int FINGERPRINT_XOR = 0x5354554E;

    private final ByteArrayOutputStream attributes = new ByteArrayOutputStream();
    private final int type;
    private final byte[] transaction;
    private int cookie = COOKIE;
    private int lengthError;

    private StunBytes(int type, byte[] transaction) {
        this.type = type;
        this.transaction = transaction;
    }

    /** A message with this type field. */
    static StunBytes of(int type, byte[] transaction) {
        return new StunBytes(type, transaction.clone());
    }

    /** Writes another magic cookie. */
    StunBytes cookie(int value) {
        cookie = value;
        return this;
    }

    /** Makes the header's length field wrong by this much. */
    StunBytes lengthError(int bytes) {
        lengthError = bytes;
        return this;
    }

    StunBytes add(int attribute, byte... value) {
        return add(attribute, value, (byte) 0);
    }

    /** Adds an attribute whose padding has these bytes: they mean nothing (RFC 8489 section 14). */
    StunBytes add(int attribute, byte[] value, byte padding) {
        attributes.writeBytes(
                ByteBuffer.allocate(4).putShort((short) attribute).putShort((short) value.length).array());
        attributes.writeBytes(value);
        for (int i = value.length; i % 4 != 0; i++) {
            attributes.write(padding);
        }
        return this;
    }

    /** Adds an attribute header that promises more than is there. */
    StunBytes overrun(int attribute) {
        attributes.writeBytes(ByteBuffer.allocate(4).putShort((short) attribute).putShort((short) 400).array());
        return this;
    }

    StunBytes text(int attribute, String value) {
        return add(attribute, value.getBytes(StandardCharsets.UTF_8));
    }

    StunBytes number(int attribute, int value) {
        return add(attribute, ByteBuffer.allocate(4).putInt(value).array());
    }

    StunBytes address(int attribute, InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        byte[] mask = ByteBuffer.allocate(16).putInt(COOKIE).put(transaction).array();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= mask[i];
        }
        return add(attribute, ByteBuffer.allocate(4 + bytes.length)
                .putShort((short) (address.getAddress() instanceof Inet4Address ? 1 : 2))
                .putShort((short) (address.getPort() ^ COOKIE >>> 16)).put(bytes).array());
    }

    /** MESSAGE-INTEGRITY (RFC 8489 section 14.5). */
    StunBytes integrity(byte[] key) {
        return add(Names.MESSAGE_INTEGRITY, hmac("HmacSHA1", key, message(INTEGRITY_BYTES)));
    }

    /** MESSAGE-INTEGRITY-SHA256 (RFC 8489 section 14.6). */
    StunBytes integritySha256(byte[] key) {
        return add(Names.MESSAGE_INTEGRITY_SHA256, hmac("HmacSHA256", key, message(INTEGRITY_SHA256_BYTES)));
    }

    /** FINGERPRINT (RFC 8489 section 14.7), wrong by this much. */
    StunBytes fingerprint(int error) {
        return number(Names.FINGERPRINT, crc(message(FINGERPRINT_BYTES)) + error);
    }

    byte[] bytes() {
        return message(lengthError);
    }

    private byte[] message(int more) {
        byte[] body = attributes.toByteArray();
        return ByteBuffer.allocate(HEADER_BYTES + body.length).putShort((short) type)
                .putShort((short) (body.length + more)).putInt(cookie).put(transaction).put(body).array();
    }

    static byte[] hmac(String algorithm, byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static int crc(byte[] message) {
        CRC32 crc = new CRC32();
        crc.update(message);
        return (int) crc.getValue() ^ FINGERPRINT_XOR;
    }
}
