package io.turnpike.node.allocation;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/**
 * Unpredictable numbers from bytes that are drawn many at a time: each call of {@link SecureRandom} asks the operating
 * system or takes locks, whether it wants four bytes or a thousand. Not thread-safe.
 */
public final class DrawnAhead implements RandomGenerator {
    private static final int BYTES = 1024;

    private final SecureRandom source;
    private final byte[] drawn = new byte[BYTES];
    private int used = BYTES;

    /** @param source where the bytes come from */
    public DrawnAhead(SecureRandom source) {
        this.source = source;
    }

    @Override
    public long nextLong() {
        if (used + Long.BYTES > BYTES) {
            source.nextBytes(drawn);
            used = 0;
        }
        long value = 0;
        for (int end = used + Long.BYTES; used < end; used++) {
            value = value << Byte.SIZE | drawn[used] & 0xFF;
            drawn[used] = 0;
        }
        return value;
    }
}
