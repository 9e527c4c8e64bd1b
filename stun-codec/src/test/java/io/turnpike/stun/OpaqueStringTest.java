package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The profile of RFC 8265 section 4.2, with the examples of its section 4.3. */
class OpaqueStringTest {

    @ParameterizedTest
    @ValueSource(strings = {"correct horse battery staple", "Correct Horse Battery Staple", "πßå", "Jack of ♦s",
        "マトリックス", "TheMatrIX", "l\u00b7l", "\u05d0\u05f3", "\u30fb\u30ab", "\u0661\u0662", "p\u2168\u00aa",
        "\ud83d\ude00", "\u0915\u094d\u200d\u0937"})
    void leavesItAsItIs(String text) {
        assertThat(OpaqueString.prepare(text)).contains(text);
    }

    @Test
    void mapsSpacesAndComposes() {
        assertThat(OpaqueString.prepare("foo\u1680bar\u00a0\u3000")).contains("foo bar  ");
        assertThat(OpaqueString.prepare("e\u0301")).contains("\u00e9");
    }

    @Test
    void keepsCaseAndWidth() {
        assertThat(OpaqueString.prepare("\uff21a")).contains("\uff21a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "my cat is a \tby", "a\u0000", "The\u00adM", "\u200b", "a\u200d", "\ue000", "\ufe0f",
        "\u0640", "\u1100", "\ufffe", "\ud800", "a\u00b7l", "l\u00b7", "\u00b7l", "\u0375a", "\u05f3", "\u30fba",
        "\u0661\u06f1", "\u2028", "\udb40\udd00", "\u0378"})
    void refusesWhatFreeformClassDoesNotHold(String text) {
        assertThat(OpaqueString.prepare(text)).isEmpty();
    }
}
