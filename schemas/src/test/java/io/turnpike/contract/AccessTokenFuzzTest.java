package io.turnpike.contract;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;

/**
 * The fuzz target of access tokens: any bytes as a token, and any bytes as what an authorization server sealed. Without
 * {@code JAZZER_FUZZ=1} it runs the committed corpus only.
 */
class AccessTokenFuzzTest {
    private static final byte[] KEY = "01234567890123456789012345678901".getBytes(StandardCharsets.US_ASCII);
    private static final String SERVER = "turn.example.org";

    @FuzzTest(maxDuration = "2m")
    void opensAnyBytes(byte[] bytes) {
        AccessToken.open(new SecretKeySpec(KEY, "AES"), SERVER, bytes).ifPresent(AccessTokenFuzzTest::survives);
        AccessToken.read(bytes).ifPresent(AccessTokenFuzzTest::survives);
    }

    /** What was read can be added up, and sealed and opened again. */
    private static void survives(AccessToken token) {
        token.issuedAt().plus(token.lifetime()).plus(Duration.ofSeconds(5)).getEpochSecond();
        Optional<AccessToken> again = AccessToken.open(new SecretKeySpec(KEY, "AES"), SERVER, token.seal(KEY, SERVER));
        AccessToken read = again.orElseThrow(() -> new AssertionError("does not open"));
        if (!Arrays.equals(read.macKey(), token.macKey()) || !read.lifetime().equals(token.lifetime())
                || !read.userId().equals(token.userId()) || !read.issuedAt().equals(token.issuedAt())) {
            throw new AssertionError("another token came out");
        }
    }
}
