package io.turnpike.telemetry.webhook;

import io.turnpike.contract.HmacSha256;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** Signatures in the form of Standard Webhooks 1.0: HMAC-SHA256 over id, time and body, one for each key. */
final class Signature {
    private Signature() {}

    /** The value of {@code webhook-signature}: signatures with a blank between them, in the order of the keys. */
    static String of(List<byte[]> keys, String id, long epochSeconds, byte[] body) {
        return keys.stream().map(key -> "v1," + sign(key, id, epochSeconds, body)).collect(Collectors.joining(" "));
    }

    private static String sign(byte[] key, String id, long epochSeconds, byte[] body) {
        byte[] head = (id + '.' + epochSeconds + '.').getBytes(StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(HmacSha256.of(key, head, body));
    }
}
