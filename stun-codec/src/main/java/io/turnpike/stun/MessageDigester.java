package io.turnpike.stun;

import java.security.GeneralSecurityException;
import java.util.zip.CRC32;

import javax.crypto.Mac;

import io.netty.buffer.ByteBuf;

/**
 * Computes HMACs and CRCs over a message in a buffer, reusing its scratch space. Confined to one thread.
 *
 * <p>
 * Both cover the message up to, but not including, their own attribute, with the header's length field set as if the
 * message ended with that attribute (RFC 8489 sections 14.5 to 14.7).
 */
final class MessageDigester {

    private static final int LEAST_SCRATCH_BYTES = 2048;

    private final byte[] result = new byte[MessageIntegritySha256.BYTES];
    private final CRC32 crc = new CRC32();
    private byte[] scratch = new byte[0];
    private Mac sha1;
    private Mac sha256;

    /** The HMAC of the bytes from {@code start} to {@code end}; the array is reused by the next call. */
    byte[] hmac(ByteBuf buffer, int start, int end, IntegrityKey key, IntegrityAlgorithm algorithm) {
        int length = copy(buffer, start, end, end + StunFrame.ATTRIBUTE_HEADER_BYTES + algorithm.macBytes());
        try {
            Mac mac = mac(algorithm);
            mac.init(key.secret());
            mac.update(scratch, 0, length);
            mac.doFinal(result, 0);
            return result;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime lacks " + algorithm.macName(), e);
        }
    }

    /** The value of FINGERPRINT for the bytes from {@code start} to {@code end}. */
    int fingerprint(ByteBuf buffer, int start, int end) {
        int length = copy(buffer, start, end, end + StunFrame.ATTRIBUTE_HEADER_BYTES + Fingerprint.BYTES);
        crc.reset();
        crc.update(scratch, 0, length);
        return (int) crc.getValue() ^ Fingerprint.XOR;
    }

    private int copy(ByteBuf buffer, int start, int end, int claimedEnd) {
        int length = end - start;
        if (scratch.length < length) {
            scratch = new byte[Math.max(LEAST_SCRATCH_BYTES, Math.max(length, scratch.length * 2))];
        }
        buffer.getBytes(start, scratch, 0, length);
        int claimedLength = claimedEnd - start - StunFrame.HEADER_BYTES;
        scratch[2] = (byte) (claimedLength >> 8);
        scratch[3] = (byte) claimedLength;
        return length;
    }

    private Mac mac(IntegrityAlgorithm algorithm) throws GeneralSecurityException {
        return switch (algorithm) {
            case HMAC_SHA1 -> sha1 == null ? sha1 = Mac.getInstance(algorithm.macName()) : sha1;
            case HMAC_SHA256 -> sha256 == null ? sha256 = Mac.getInstance(algorithm.macName()) : sha256;
        };
    }
}
