package io.turnpike.stun;

import java.text.Normalizer;
import java.util.Optional;

/**
 * The OpaqueString profile of RFC 8265 section 4.2: how passwords and realms are prepared, so that the same text typed
 * on two systems makes the same key.
 */
public final class OpaqueString {

    private OpaqueString() {}

    /** The prepared text, empty if the profile refuses it: an empty text, or a character outside FreeformClass. */
    public static Optional<String> prepare(String text) {
        StringBuilder spaced = new StringBuilder(text.length());
        text.codePoints().map(OpaqueString::mapSpace).forEach(spaced::appendCodePoint);
        String prepared = Normalizer.normalize(spaced, Normalizer.Form.NFC);
        return prepared.isEmpty() || !FreeformClass.contains(prepared) ? Optional.empty() : Optional.of(prepared);
    }

    static String enforce(String text, String name) {
        return prepare(text).orElseThrow(() -> new IllegalArgumentException(
                "the " + name + " is empty or has a character that RFC 8265's OpaqueString profile forbids"));
    }

    private static int mapSpace(int codePoint) {
        return Character.getType(codePoint) == Character.SPACE_SEPARATOR ? ' ' : codePoint;
    }
}
