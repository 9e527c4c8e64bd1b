package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.Samples.usage;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.testing.ManualClock;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Allocations, and how they came out. */
class AllocationApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), "acme");

    @Test
    void listsLiveAndEndedAllocations() {
        api.telemetry.allocations.add(Samples.live("n1-1-1", "acme", "al", NOW, usage(4, 4)));
        api.telemetry.allocations.add(Samples.live("n2-1-1", "acme", "bo", NOW, usage(1, 1)));
        api.telemetry.allocations.add(Samples.ended("n1-1-0", "acme", "al", NOW, usage(9, 9), Outcome.CONNECTED));

        JsonNode live = api.get("/v1/tenants/acme/allocations").json();
        JsonNode ofUser = api.get("/v1/tenants/acme/allocations?state=live&user=bo").json();
        JsonNode ended = api.get("/v1/tenants/acme/allocations?state=ended").json();

        assertThat(live.get("allocations").findValuesAsText("id")).containsExactly("n1-1-1", "n2-1-1");
        assertThat(ofUser.get("allocations").findValuesAsText("id")).containsExactly("n2-1-1");
        assertThat(ended.at("/allocations/0/outcome").textValue()).isEqualTo("CONNECTED");
        assertThat(ended.at("/allocations/0/usage/billableBytes").longValue()).isEqualTo(1_872);
        assertThat(live.at("/allocations/0/outcome").isNull()).isTrue();
    }

    @Test
    void showsTheTimelineOfAnAllocation() {
        api.telemetry.allocations.add(Samples.ended("n1-1-0", "acme", "al", NOW, usage(9, 9), Outcome.CONNECTED));

        assertThat(api.get("/v1/allocations/n1-1-0").json().get("timeline").findValuesAsText("event"))
                .containsExactly("CREATED", "ENDED");
        assertThat(api.get("/v1/allocations/n9-9-9").status()).isEqualTo(404);
    }

    @Test
    void leavesSuccessUnknownUntilSomethingWasTried() {
        JsonNode before = api.get("/v1/tenants/acme/connectivity").json();
        api.telemetry.outcomes.count("acme", Outcome.CONNECTED, 7);
        api.telemetry.outcomes.count("acme", Outcome.CUT_BY_QUOTA, 1);
        api.telemetry.outcomes.count("acme", Outcome.REJECTED, 2);
        api.telemetry.outcomes.count("acme", Outcome.UNUSED, 50);
        JsonNode after = api.get("/v1/tenants/acme/connectivity").json();

        assertThat(before.at("/success/value").isNull()).isTrue();
        assertThat(after.at("/success/value").doubleValue()).isEqualTo(0.8);
        assertThat(after.at("/success/numerator").longValue()).isEqualTo(8);
        assertThat(after.at("/success/denominator").longValue()).isEqualTo(10);
        assertThat(after.at("/success/formula").textValue()).contains("CONNECTED").contains("ONE_WAY");
        assertThat(after.at("/counts/UNUSED").longValue()).isEqualTo(50);
        assertThat(api.get("/v1/cluster/connectivity").json().at("/counts/CONNECTED").longValue()).isEqualTo(7);
    }
}
