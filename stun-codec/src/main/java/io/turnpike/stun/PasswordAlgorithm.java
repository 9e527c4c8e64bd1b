package io.turnpike.stun;

import java.util.Optional;

import io.netty.buffer.ByteBuf;

/**
 * PASSWORD-ALGORITHM: how the client made its key (RFC 8489 section 14.12).
 *
 * @param algorithm
 *            the number of the IANA registry, see PasswordHash
 * @param parameters
 *            empty for MD5 and SHA-256
 */
public record PasswordAlgorithm(int algorithm, Octets parameters) implements StunAttribute {

    private static final int HEADER_BYTES = 4;

    public PasswordAlgorithm {
        if (algorithm < 0 || algorithm > 0xFFFF || parameters.length() > 0xFFF0) {
            throw new IllegalArgumentException("no password algorithm: " + algorithm + " " + parameters);
        }
    }

    public PasswordAlgorithm(PasswordHash hash) {
        this(hash.code(), Octets.of());
    }

    /** The derivation, empty if the number or the parameters are unknown. */
    public Optional<PasswordHash> hash() {
        return parameters.length() == 0 ? PasswordHash.ofCode(algorithm) : Optional.empty();
    }

    /** Number of bytes of the entry at index, its padding excluded; -1 if it does not fit into the space. */
    static int entryBytes(ByteBuf buffer, int index, int space) {
        if (space < HEADER_BYTES) {
            return -1;
        }
        int bytes = HEADER_BYTES + buffer.getUnsignedShort(index + 2);
        return bytes <= space ? bytes : -1;
    }

    static PasswordAlgorithm entryAt(ByteBuf buffer, int index, int entryBytes) {
        return new PasswordAlgorithm(buffer.getUnsignedShort(index),
                Octets.copyOf(buffer, index + HEADER_BYTES, entryBytes - HEADER_BYTES));
    }

    static PasswordAlgorithm decode(ByteBuf buffer, int messageStart, int index, int length) {
        int entryBytes = entryBytes(buffer, index, length);
        boolean whole = entryBytes >= 0 && StunFrame.padded(entryBytes) >= length;
        return whole && entryBytes <= HEADER_BYTES + 0xFFF0 ? entryAt(buffer, index, entryBytes) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.PASSWORD_ALGORITHM;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeShort(algorithm).writeShort(parameters.length());
        parameters.writeTo(out);
    }
}
