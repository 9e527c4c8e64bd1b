package io.turnpike.stun;

import java.util.random.RandomGenerator;

import io.netty.buffer.ByteBuf;

/**
 * The 96 bits that bind a response to its request (RFC 8489 section 5), as a value to be used as a map key.
 *
 * @param high
 *            bytes 0 to 3
 * @param low
 *            bytes 4 to 11
 */
public record TransactionId(int high, long low) {

    /** Length on the wire. */
    public static final int BYTES = 12;

    /** Draws a fresh one; RFC 8489 section 5 wants it cryptographically random, so pass a SecureRandom in products. */
    public static TransactionId random(RandomGenerator random) {
        return new TransactionId(random.nextInt(), random.nextLong());
    }

    /** Reads the 12 bytes at an index; indexes of the buffer stay. */
    public static TransactionId at(ByteBuf buffer, int index) {
        return new TransactionId(buffer.getInt(index), buffer.getLong(index + Integer.BYTES));
    }

    void writeTo(ByteBuf out) {
        out.writeInt(high).writeLong(low);
    }

    @Override
    public String toString() {
        return "%08x%016x".formatted(high, low);
    }
}
