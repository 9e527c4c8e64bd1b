package io.turnpike.telemetry.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.WebhookRules;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignatureTest {
    /** The example of the Standard Webhooks specification, which its libraries test themselves with. */
    private static final byte[] KEY = WebhookRules.secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").orElseThrow();
    private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    @Test
    void signsAsTheSpecificationsExample() {
        assertThat(Signature.of(List.of(KEY), ID, 1_614_265_330, BODY)).isEqualTo(SIGNATURE);
    }

    @Test
    void signsWithEachKeyInTurn() {
        byte[] other = new byte[24];

        String both = Signature.of(List.of(other, KEY), ID, 1_614_265_330, BODY);

        assertThat(both).endsWith(" " + SIGNATURE).startsWith("v1,");
        assertThat(both.split(" ")).hasSize(2).doesNotHaveDuplicates();
    }
}
