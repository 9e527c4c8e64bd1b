package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.Freshness;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Entity tags (RFC 9110, section 8.8.3) of answers, by which a caller asks whether anything has changed. */
final class EntityTag {
    private static final int BYTES = 12;

    private EntityTag() {}

    /** A weak one: answers that differ only in how old they are have the same. */
    static String weak(ObjectNode body, Freshness freshness) {
        MessageDigest digest = sha256();
        digest.update(Json.bytes(body));
        digest.update((freshness.stale() + " " + freshness.missingPartitions() + freshness.complete())
                .getBytes(StandardCharsets.UTF_8));
        return "W/\"" + HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), BYTES)) + '"';
    }

    /** Whether one of the tags of an {@code If-None-Match} is this one, weakly compared; null matches nothing. */
    static boolean matches(String ifNoneMatch, String tag) {
        return ifNoneMatch != null && tag != null && Arrays.stream(ifNoneMatch.split(",")).map(String::strip)
                .anyMatch(each -> each.equals("*") || opaque(each).equals(opaque(tag)));
    }

    private static String opaque(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
