package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyedHashTest {
    /** The authors' reference vector for the input 00 01 ... 0f under the key 00 01 ... 0f. */
    @Test
    void isSipHash24() {
        KeyedHash hash = new KeyedHash(0x0706050403020100L, 0x0F0E0D0C0B0A0908L);

        assertThat(hash.of(0x0706050403020100L, 0x0F0E0D0C0B0A0908L)).isEqualTo(0x3F2ACC7F57C29BDBL);
    }

    @Test
    void dependsOnTheKeyAndOnEveryWord() {
        KeyedHash hash = new KeyedHash(1, 2);

        assertThat(new KeyedHash(1, 3).of(5, 6)).isNotEqualTo(hash.of(5, 6));
        assertThat(hash.of(6, 5)).isNotEqualTo(hash.of(5, 6));
        assertThat(hash.of(5, 7)).isNotEqualTo(hash.of(5, 6));
        assertThat(hash.of("al")).isNotEqualTo(hash.of("la")).isNotEqualTo(hash.of("a"));
        // These two have the same String.hashCode().
        assertThat(hash.of("Aa")).isNotEqualTo(hash.of("BB"));
    }
}
