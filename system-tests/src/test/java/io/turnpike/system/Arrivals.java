package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/** All that the relays say they have sent has arrived, event by event: none is missing, and none is there that none sent. */
final class Arrivals {
    private static final Duration BOUND = Duration.ofSeconds(90);

    private Arrivals() {}

    static void areAll(TurnpikeApi api) {
        await("all events").atMost(BOUND).ignoreExceptions().untilAsserted(() -> {
            long events = 0;
            for (JsonNode hour : api.get("v1/telemetry/completeness").get("hours")) {
                for (JsonNode node : hour.get("nodes")) {
                    assertThat(node.get("expected")).as(hour.toString()).isEqualTo(node.get("received"));
                    assertThat(node.get("missing").asLong(-1)).isZero();
                    events += node.get("received").asLong();
                }
            }
            assertThat(events).isPositive();
        });
    }
}
