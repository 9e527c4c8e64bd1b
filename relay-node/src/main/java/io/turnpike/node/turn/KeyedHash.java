package io.turnpike.node.turn;

import java.security.SecureRandom;

/**
 * SipHash-2-4 of 16 bytes under a key drawn at start (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF",
 * 2012): whoever does not know the key cannot choose inputs that collide.
 */
final class KeyedHash {
    private static final long LENGTH_BLOCK = 16L << 56;

    private final long k0;
    private final long k1;

    KeyedHash(long k0, long k1) {
        this.k0 = k0;
        this.k1 = k1;
    }

    static KeyedHash random() {
        SecureRandom random = new SecureRandom();
        return new KeyedHash(random.nextLong(), random.nextLong());
    }

    /** The hash of two words, which stand for 16 bytes in little-endian order. */
    long of(long first, long second) {
        State state = new State(k0, k1);
        state.absorb(first);
        state.absorb(second);
        state.absorb(LENGTH_BLOCK);
        return state.finish();
    }

    /** The hash of a text of any length. */
    long of(String text) {
        State state = new State(k0, k1);
        for (int i = 0; i < text.length(); i++) {
            state.absorb(text.charAt(i));
        }
        state.absorb((long) text.length() << 16);
        return state.finish();
    }

    private static final class State {
        private long v0;
        private long v1;
        private long v2;
        private long v3;

        State(long k0, long k1) {
            v0 = k0 ^ 0x736F6D6570736575L;
            v1 = k1 ^ 0x646F72616E646F6DL;
            v2 = k0 ^ 0x6C7967656E657261L;
            v3 = k1 ^ 0x7465646279746573L;
        }

        void absorb(long word) {
            v3 ^= word;
            round();
            round();
            v0 ^= word;
        }

        long finish() {
            v2 ^= 0xFF;
            for (int i = 0; i < 4; i++) {
                round();
            }
            return v0 ^ v1 ^ v2 ^ v3;
        }

        private void round() {
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
        }
    }
}
