#include "digest.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 64 };

static uint32_t rotate(uint32_t word, int by) { return word << by | word >> (32 - by); }

/* Both digests pad alike: a 1 bit, zeros, and the length in bits at the end of a block. */
typedef void block_fn(uint32_t *state, const uint8_t *block);

static void digest(const uint8_t *data, size_t length, uint32_t *state, block_fn *eat, int big_endian_length) {
    uint8_t tail[2 * BLOCK] = {0};
    size_t whole = length / BLOCK * BLOCK;
    for (size_t at = 0; at < whole; at += BLOCK) eat(state, data + at);
    size_t rest = length - whole;
    memcpy(tail, data + whole, rest);
    tail[rest] = 0x80;
    size_t tail_length = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    uint64_t bits = (uint64_t)length * 8;
    for (int i = 0; i < 8; i++) {
        tail[tail_length - 8 + i] = (uint8_t)(bits >> (big_endian_length ? 56 - 8 * i : 8 * i));
    }
    for (size_t at = 0; at < tail_length; at += BLOCK) eat(state, tail + at);
}

static void md5_block(uint32_t *state, const uint8_t *block) {
    static const int shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    static uint32_t sines[64];
    if (!sines[0]) {
        for (int i = 0; i < 64; i++) sines[i] = (uint32_t)(int64_t)floor(fabs(sin(i + 1.0)) * 4294967296.0);
    }
    uint32_t words[16];
    for (int i = 0; i < 16; i++) {
        words[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 | (uint32_t)block[4 * i + 2] << 16 |
                   (uint32_t)block[4 * i + 3] << 24;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (int i = 0; i < 64; i++) {
        uint32_t mix;
        int word;
        switch (i / 16) {
        case 0: mix = (b & c) | (~b & d); word = i; break;
        case 1: mix = (d & b) | (~d & c); word = (5 * i + 1) % 16; break;
        case 2: mix = b ^ c ^ d; word = (3 * i + 5) % 16; break;
        default: mix = c ^ (b | ~d); word = 7 * i % 16; break;
        }
        uint32_t next = b + rotate(a + mix + sines[i] + words[word], shifts[i / 16][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static void sha1_block(uint32_t *state, const uint8_t *block) {
    uint32_t words[80];
    for (int i = 0; i < 16; i++) {
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
                   block[4 * i + 3];
    }
    for (int i = 16; i < 80; i++) words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t mix = i < 20 ? ((b & c) | (~b & d)) + 0x5A827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                              : (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t next = rotate(a, 5) + mix + e + words[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void md5(const uint8_t *data, size_t length, uint8_t out[MD5_BYTES]) {
    uint32_t state[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
    digest(data, length, state, md5_block, 0);
    for (int i = 0; i < MD5_BYTES; i++) out[i] = (uint8_t)(state[i / 4] >> 8 * (i % 4));
}

static void sha1(const uint8_t *data, size_t length, uint8_t out[SHA1_BYTES]) {
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    digest(data, length, state, sha1_block, 1);
    for (int i = 0; i < SHA1_BYTES; i++) out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void hmac_sha1(const uint8_t *key, size_t key_length, const uint8_t *data, size_t length, uint8_t out[SHA1_BYTES]) {
    uint8_t inner[BLOCK + 2048];
    uint8_t outer[BLOCK + SHA1_BYTES];
    for (size_t i = 0; i < BLOCK; i++) {
        uint8_t byte = i < key_length ? key[i] : 0;
        inner[i] = byte ^ 0x36;
        outer[i] = byte ^ 0x5C;
    }
    memcpy(inner + BLOCK, data, length);
    sha1(inner, BLOCK + length, outer + BLOCK);
    sha1(outer, sizeof outer, out);
}
