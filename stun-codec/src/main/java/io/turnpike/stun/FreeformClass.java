package io.turnpike.stun;

import java.lang.Character.UnicodeScript;

/**
 * Which code points RFC 8264's FreeformClass (section 4.3) holds, with the contextual rules of RFC 5892 appendix A.
 *
 * <p>
 * Two rules need data that Java does not offer and are narrower here: a joiner is allowed only after a virama of the
 * list below, and the joining-type rule for ZERO WIDTH NON-JOINER is left out.
 */
final class FreeformClass {

    /** RFC 5892 section 2.6, exceptions that are valid although their category is not, or must not be. */
    private static final String DISALLOWED = "\u0640\u07FA\u302E\u302F\u3031\u3032\u3033\u3034\u3035\u303B";
    /** Viramas: canonical combining class 9 in the Indic scripts that use joiners. */
    private static final String VIRAMAS = "\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA\u0E3A\u0F84"
            + "\u1039\u103A\u1714\u1734\u17D2";

    private FreeformClass() {}

    /** Whether every code point of the text belongs to the class where it stands. */
    static boolean contains(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (!allows(text, i, text.codePointAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean allows(String text, int at, int codePoint) {
        if (codePoint >= 0x20 && codePoint < 0x7F) {
            return true;
        }
        if (DISALLOWED.indexOf(codePoint) >= 0 || isOldHangulJamo(codePoint) || isIgnorable(codePoint)) {
            return false;
        }
        return switch (codePoint) {
            case 0x00B7 -> before(text, at) == 'l' && after(text, at, codePoint) == 'l';
            case 0x0375 -> isScript(after(text, at, codePoint), UnicodeScript.GREEK);
            case 0x05F3, 0x05F4 -> isScript(before(text, at), UnicodeScript.HEBREW);
            case 0x200C, 0x200D -> VIRAMAS.indexOf(before(text, at)) >= 0;
            case 0x30FB -> text.codePoints().anyMatch(FreeformClass::isJapanese);
            default -> isArabicIndicDigit(codePoint) ? !mixesArabicIndicDigits(text) : isOfValidCategory(codePoint);
        };
    }

    private static boolean isOfValidCategory(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UNASSIGNED, Character.CONTROL, Character.FORMAT, Character.SURROGATE,
                    Character.PRIVATE_USE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            default -> true;
        };
    }

    /** Default-ignorable code points that are no format characters: fillers and variation selectors. */
    private static boolean isIgnorable(int codePoint) {
        return codePoint == 0x034F || codePoint == 0x3164 || codePoint == 0xFFA0 || codePoint == 0x17B4
                || codePoint == 0x17B5 || codePoint >= 0x180B && codePoint <= 0x180F
                || codePoint >= 0xFE00 && codePoint <= 0xFE0F || codePoint >= 0xE0100 && codePoint <= 0xE01EF;
    }

    private static boolean isOldHangulJamo(int codePoint) {
        return codePoint >= 0x1100 && codePoint <= 0x11FF || codePoint >= 0xA960 && codePoint <= 0xA97C
                || codePoint >= 0xD7B0 && codePoint <= 0xD7FB;
    }

    private static boolean isArabicIndicDigit(int codePoint) {
        return codePoint >= 0x0660 && codePoint <= 0x0669 || codePoint >= 0x06F0 && codePoint <= 0x06F9;
    }

    private static boolean mixesArabicIndicDigits(String text) {
        return text.codePoints().anyMatch(c -> c >= 0x0660 && c <= 0x0669)
                && text.codePoints().anyMatch(c -> c >= 0x06F0 && c <= 0x06F9);
    }

    private static boolean isJapanese(int codePoint) {
        return isScript(codePoint, UnicodeScript.HIRAGANA) || isScript(codePoint, UnicodeScript.KATAKANA)
                || isScript(codePoint, UnicodeScript.HAN);
    }

    private static boolean isScript(int codePoint, UnicodeScript script) {
        return codePoint >= 0 && UnicodeScript.of(codePoint) == script;
    }

    private static int before(String text, int at) {
        return at == 0 ? -1 : text.codePointBefore(at);
    }

    private static int after(String text, int at, int codePoint) {
        int next = at + Character.charCount(codePoint);
        return next >= text.length() ? -1 : text.codePointAt(next);
    }
}
