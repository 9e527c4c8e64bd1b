package io.turnpike.telemetry.cluster;

import io.turnpike.contract.HmacSha256;
import io.turnpike.contract.SecretSeal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Proves to an instance that another one asks: an HMAC over time and body, with a key made from the cluster's. What is
 * overheard cannot be used for another question, and for the same one for a minute only. Thread-safe.
 */
final class PeerKey {
    /** How far the clocks of two instances may be apart. */
    static final Duration TOLERANCE = Duration.ofSeconds(60);
    private static final String PURPOSE = "turnpike questions between instances v1";
    private static final Pattern PROOF = Pattern.compile("([0-9]{1,15})\\.([A-Za-z0-9_-]{43})");

    private final byte[] key;
    private final Clock clock;

    /** @param clusterKey the cluster's key in base64 */
    PeerKey(String clusterKey, Clock clock) {
        this.key = SecretSeal.withKey(clusterKey).keyFor(PURPOSE);
        this.clock = clock;
    }

    /** The proof that goes with a body. */
    String prove(byte[] body) {
        return proof(clock.millis(), body);
    }

    /** Whether an instance of this cluster sent the body just now. */
    boolean isProven(String proof, byte[] body) {
        Matcher parts = PROOF.matcher(proof == null ? "" : proof);
        if (!parts.matches()) {
            return false;
        }
        long sentMillis = Long.parseLong(parts.group(1));
        Duration age = Duration.between(Instant.ofEpochMilli(sentMillis), clock.instant()).abs();
        return MessageDigest.isEqual(proof.getBytes(StandardCharsets.US_ASCII),
                proof(sentMillis, body).getBytes(StandardCharsets.US_ASCII)) && age.compareTo(TOLERANCE) <= 0;
    }

    private String proof(long millis, byte[] body) {
        byte[] time = (Long.toString(millis) + '.').getBytes(StandardCharsets.US_ASCII);
        return millis + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(HmacSha256.of(key, time, body));
    }
}
