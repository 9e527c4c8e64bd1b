package io.turnpike.telemetry.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signatures in the form of Standard Webhooks 1.0: HMAC-SHA256 over id, time and body, one for each key. */
final class Signature {
    private static final String ALGORITHM = "HmacSHA256";

    private Signature() {}

    /** The value of {@code webhook-signature}: signatures with a blank between them, in the order of the keys. */
    static String of(List<byte[]> keys, String id, long epochSeconds, byte[] body) {
        return keys.stream().map(key -> "v1," + sign(key, id, epochSeconds, body)).collect(Collectors.joining(" "));
    }

    private static String sign(byte[] key, String id, long epochSeconds, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update((id + '.' + epochSeconds + '.').getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is part of every Java", e);
        }
    }
}
