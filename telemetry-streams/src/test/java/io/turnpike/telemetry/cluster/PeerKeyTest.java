package io.turnpike.telemetry.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.SecretSeal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class PeerKeyTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    private static final byte[] BODY = "a question".getBytes(StandardCharsets.UTF_8);

    private final String clusterKey = SecretSeal.newKey();

    private PeerKey at(Instant now) {
        return new PeerKey(clusterKey, Clock.fixed(now, ZoneOffset.UTC));
    }

    @Test
    void knowsTheInstancesOfItsClusterOverSkewedClocks() {
        String proof = at(NOW).prove(BODY);

        assertThat(at(NOW).isProven(proof, BODY)).isTrue();
        assertThat(at(NOW.plus(PeerKey.TOLERANCE)).isProven(proof, BODY)).isTrue();
        assertThat(at(NOW.minus(PeerKey.TOLERANCE)).isProven(proof, BODY)).isTrue();
    }

    @Test
    void refusesAnotherBodyAnotherKeyAnOldProofAndNone() {
        String proof = at(NOW).prove(BODY);
        PeerKey other = new PeerKey(SecretSeal.newKey(), Clock.fixed(NOW, ZoneOffset.UTC));
        Duration tooMuch = PeerKey.TOLERANCE.plusMillis(1);

        assertThat(at(NOW).isProven(proof, "another".getBytes(StandardCharsets.UTF_8))).isFalse();
        assertThat(other.isProven(proof, BODY)).isFalse();
        assertThat(at(NOW.plus(tooMuch)).isProven(proof, BODY)).isFalse();
        assertThat(at(NOW.minus(tooMuch)).isProven(proof, BODY)).isFalse();
        assertThat(at(NOW).isProven(null, BODY)).isFalse();
        assertThat(at(NOW).isProven("", BODY)).isFalse();
        String shifted = NOW.plusSeconds(1).toEpochMilli() + proof.substring(proof.indexOf('.'));
        assertThat(at(NOW).isProven(shifted, BODY)).isFalse();
    }
}
