package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.RunningApi.bearer;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.testing.ManualClock;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LetterApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final String[] OPERATOR = {"Authorization", bearer(RunningApi.OPERATOR)};

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW));

    @BeforeEach
    void fill() {
        for (int i = 0; i < 3; i++) {
            api.telemetry.letters.add(Samples.letter(0, i, NOW.plusSeconds(i)));
        }
    }

    @Test
    void listsTheNewestFirstAndPageByPage() {
        var first = api.get("/v1/dlq?limit=2&reason=unreadable&topic=turnpike.bandwidth&since=2026-11-22T09:00:00Z",
                OPERATOR).json();
        assertThat(first.at("/deadLetters/0/id").asText()).isEqualTo("0-2");
        assertThat(first.at("/deadLetters/0/topic").asText()).isEqualTo("turnpike.bandwidth");
        assertThat(first.at("/deadLetters/0/key").asText()).isEqualTo("n1-1-1");
        assertThat(api.telemetry.letters.lastFilter.reason()).isEqualTo(Optional.of("unreadable"));
        assertThat(api.telemetry.letters.lastFilter.since()).isEqualTo(Instant.parse("2026-11-22T09:00:00Z"));

        var second = api.get("/v1/dlq?limit=2&cursor=" + first.get("nextCursor").asText(), OPERATOR).json();
        assertThat(second.at("/deadLetters/0/id").asText()).isEqualTo("0-0");
        assertThat(second.get("nextCursor").isNull()).isTrue();
    }

    @Test
    void showsTheOriginalBytes() {
        var letter = api.get("/v1/dlq/0-1", OPERATOR).json();

        assertThat(letter.get("valueBase64").asText()).isEqualTo("AQL/");
        assertThat(letter.get("keyBase64").asText()).isEqualTo("bjEtMS0x");
        assertThat(letter.at("/headers/0/valueBase64").asText()).isEqualTo("BA==");
        assertThat(letter.get("recordType").isNull()).isTrue();
    }

    @Test
    void sendsALetterAgainOnceUnlessItIsForced() {
        assertThat(api.post("/v1/dlq/0-1/replay", "").json().get("offset").asLong()).isEqualTo(100);
        assertThat(api.telemetry.letters.lastReplayedBy).isEqualTo("ops");
        assertThat(api.post("/v1/dlq/0-1/replay", "{}").status()).isEqualTo(409);
        assertThat(api.post("/v1/dlq/0-1/replay", "{\"force\":true}").status()).isEqualTo(200);
    }

    @Test
    void onlyAnOperatorSeesThem() {
        assertThat(api.get("/v1/dlq").status()).isEqualTo(401);
        assertThat(api.get("/v1/dlq/0-1", "Authorization", bearer(RunningApi.ACME)).status()).isEqualTo(403);
        assertThat(api.post("/v1/dlq/0-1/replay", "", "Authorization", bearer(RunningApi.ACME)).status())
                .isEqualTo(403);
    }

    @Test
    void refusesWhatNamesNoLetter() {
        assertThat(api.get("/v1/dlq/0-77", OPERATOR).status()).isEqualTo(404);
        assertThat(api.post("/v1/dlq/0-77/replay", "").status()).isEqualTo(404);
        assertThat(api.get("/v1/dlq/here", OPERATOR).status()).isEqualTo(400);
        assertThat(api.get("/v1/dlq?reason=ugly", OPERATOR).status()).isEqualTo(400);
        assertThat(api.get("/v1/dlq?since=yesterday", OPERATOR).status()).isEqualTo(400);
        assertThat(api.get("/v1/dlq?since=%2B999999999-01-01T00:00:00Z", OPERATOR).status()).isEqualTo(400);
        assertThat(api.post("/v1/dlq/0-1/replay", "{\"force\":1}").status()).isEqualTo(400);
    }
}
