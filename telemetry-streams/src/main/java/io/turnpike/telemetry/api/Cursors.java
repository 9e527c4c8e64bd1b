package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.contract.SecretSeal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cursors of one list of one tenant. They are signed with a key of the cluster, so that every instance takes those of
 * every other one, and a cursor that was changed, or belongs to another list or tenant, is refused. What is in them can be
 * read: it is nothing but the place of an entry. Thread-safe.
 */
final class Cursors {
    private static final String PURPOSE = "turnpike cursors v1";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int PROOF_BYTES = 16;

    private final SecretKeySpec key;
    private final String list;

    private Cursors(SecretKeySpec key, String list) {
        this.key = key;
        this.list = list;
    }

    /** Those of no list yet, under the cluster's key. */
    static Cursors with(SecretSeal seal) {
        return new Cursors(new SecretKeySpec(seal.keyFor(PURPOSE), ALGORITHM), "");
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
            JsonNode place = Json.READER.readTree(content);
            return new Cursor(place);
        } catch (IOException | IllegalArgumentException e) {
            throw Cursor.foreign();
        }
    }

    private byte[] proof(byte[] content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(list.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0); // no path and no tenant holds one
            return Arrays.copyOf(mac.doFinal(content), PROOF_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
