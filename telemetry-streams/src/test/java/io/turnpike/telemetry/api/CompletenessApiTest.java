package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.telemetry.query.AuditedHours;
import io.turnpike.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CompletenessApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    /** One node that lost three events, and one that has said nothing. */
    static final AuditedHours.Hour HOUR = new AuditedHours.Hour(Instant.parse("2026-11-22T09:00:00Z"), false,
            List.of(new AuditedHours.Node("n1", OptionalLong.of(10), 7, OptionalLong.of(3), 1, 2, true, false),
                    new AuditedHours.Node("n2", OptionalLong.empty(), 4, OptionalLong.empty(), 0, 0, false, false)));

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW));

    @BeforeEach
    void fill() {
        api.telemetry.completeness.hours.add(HOUR);
    }

    @Test
    void tellsOfEachHourAndNodeWhatIsExpectedAndWhatHasArrived() {
        JsonNode answer = get("");
        assertThat(answer.get("from").textValue()).isEqualTo("2026-11-21T11:00:00Z");
        assertThat(answer.get("to").textValue()).isEqualTo("2026-11-22T11:00:00Z");
        JsonNode hour = answer.at("/hours/0");
        assertThat(hour.get("start").textValue()).isEqualTo("2026-11-22T09:00:00Z");
        assertThat(hour.get("complete").booleanValue()).isFalse();
        JsonNode lossy = hour.at("/nodes/0");
        assertThat(lossy.get("node").textValue()).isEqualTo("n1");
        assertThat(lossy.get("expected").longValue()).isEqualTo(10);
        assertThat(lossy.get("received").longValue()).isEqualTo(7);
        assertThat(lossy.get("missing").longValue()).isEqualTo(3);
        assertThat(lossy.get("givenUp").longValue()).isEqualTo(1);
        assertThat(lossy.get("duplicates").longValue()).isEqualTo(2);
        assertThat(lossy.get("counted").booleanValue()).isTrue();
        assertThat(answer.get("complete").booleanValue()).as("of the answer, not of the hours").isTrue();
    }

    @Test
    void whatANodeHasNotSaidIsNullAndNotZero() {
        JsonNode silent = get("").at("/hours/0/nodes/1");
        assertThat(silent.get("expected").isNull()).isTrue();
        assertThat(silent.get("missing").isNull()).isTrue();
        assertThat(silent.get("received").longValue()).isEqualTo(4);
    }

    @Test
    void aRangeIsMadeOfWholeHours() {
        JsonNode answer = get("?from=2026-11-22T08:30:00Z&to=2026-11-22T08:45:00Z");
        assertThat(answer.get("from").textValue()).isEqualTo("2026-11-22T08:00:00Z");
        assertThat(answer.get("to").textValue()).isEqualTo("2026-11-22T09:00:00Z");
        assertThat(answer.get("hours")).isEmpty();
    }

    @Test
    void refusesWhatIsNotKept() {
        for (String range : List.of("?from=" + NOW.minus(Duration.ofDays(8)), "?from=2026-11-22T12:00:00Z",
                "?from=2026-11-22T09:00:00Z&to=2026-11-22T08:00:00Z", "?from=yesterday",
                "?from=2026-11-22T09:00:00Z&to=2126-11-22T08:00:00Z")) {
            assertThat(api.get("/v1/telemetry/completeness" + range).status()).as(range).isEqualTo(400);
        }
    }

    private static JsonNode get(String query) {
        RunningApi.Answer answer = api.get("/v1/telemetry/completeness" + query);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }
}
