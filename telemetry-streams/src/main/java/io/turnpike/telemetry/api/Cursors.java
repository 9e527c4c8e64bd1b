package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.contract.HmacSha256;
import io.turnpike.contract.SecretSeal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * The cursors of one list of one tenant. They are signed with a key of the cluster, so that every instance takes those of
 * every other one, and a cursor that was changed, or belongs to another list or tenant, is refused. What is in them can be
 * read: it is nothing but the place of an entry. Thread-safe.
 */
final class Cursors {
    private static final String PURPOSE = "turnpike cursors v1";
    private static final int PROOF_BYTES = 16;
    private static final byte[] END_OF_LIST = {0}; // no path and no tenant holds one

    private final byte[] key;
    private final String list;

    private Cursors(byte[] key, String list) {
        this.key = key;
        this.list = list;
    }

    /** Those of no list yet, under the cluster's key. */
    static Cursors with(SecretSeal seal) {
        return new Cursors(seal.keyFor(PURPOSE), "");
    }

    /** Those of the list that a path names. */
    Cursors of(String path, Map<String, String> parameters) {
        return new Cursors(key, path + new TreeMap<>(parameters));
    }

    /** The cursor behind the entry at a place. */
    String write(ObjectNode place) {
        byte[] content = Json.bytes(place);
        byte[] text = Arrays.copyOf(proof(content), PROOF_BYTES + content.length);
        System.arraycopy(content, 0, text, PROOF_BYTES, content.length);
        return encoded(text);
    }

    /** The cursor that a text is; a 400 if this list did not give it. */
    Cursor read(String text) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (bytes.length <= PROOF_BYTES || !encoded(bytes).equals(text)) {
                throw Cursor.foreign();
            }
            byte[] content = Arrays.copyOfRange(bytes, PROOF_BYTES, bytes.length);
            if (!MessageDigest.isEqual(proof(content), Arrays.copyOf(bytes, PROOF_BYTES))) {
                throw Cursor.foreign();
            }
            return new Cursor(Json.READER.readTree(content));
        } catch (IOException | IllegalArgumentException e) {
            throw Cursor.foreign();
        }
    }

    private byte[] proof(byte[] content) {
        return Arrays.copyOf(HmacSha256.of(key, list.getBytes(StandardCharsets.UTF_8), END_OF_LIST, content),
                PROOF_BYTES);
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
