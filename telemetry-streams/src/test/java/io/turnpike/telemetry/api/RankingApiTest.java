package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.Samples.usage;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.testing.ManualClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A tenant's users by what they used. */
class RankingApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");

    private static final ManualClock CLOCK = new ManualClock(NOW);
    @RegisterExtension
    static final RunningApi api = new RunningApi(CLOCK, "acme");

    @BeforeEach
    void now() {
        CLOCK.set(NOW);
    }

    @Test
    void aRankingIsMadeOfHoursOrDaysUnlessAStepIsAskedFor() {
        api.telemetry.usage.use("acme", "al", NOW, usage(1, 0));

        assertRanking("", "2026-11-22T09:00:00Z", "2026-11-22T11:00:00Z", "1h");
        assertRanking("?from=2026-11-22T10:05:00Z&to=2026-11-22T10:10:00Z", "2026-11-22T10:00:00Z",
                "2026-11-22T11:00:00Z", "1h");
        assertRanking("?from=2026-11-19T12:00:00Z", "2026-11-19T00:00:00Z", "2026-11-23T00:00:00Z", "1d");
        assertRanking("?from=2026-11-22T10:05:00Z&step=1m", "2026-11-22T10:05:00Z", "2026-11-22T10:18:00Z", "1m");
    }

    private void assertRanking(String query, String from, String to, String step) {
        JsonNode page = api.get("/v1/tenants/acme/users" + query).json();
        assertThat(page.get("from").textValue()).isEqualTo(from);
        assertThat(page.get("to").textValue()).isEqualTo(to);
        assertThat(page.get("step").textValue()).isEqualTo(step);
    }

    @Test
    void pagesUsersWithoutRepeatingOrSkipping() {
        for (int i = 0; i < 7; i++) {
            api.telemetry.usage.use("acme", "user" + i, NOW, usage(i % 3 + 1, 0));
        }
        List<String> users = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = api.get("/v1/tenants/acme/users?sort=-bytes&limit=3" + cursor).json();
            page.get("users").forEach(user -> users.add(user.get("user").textValue()));
            cursor = page.get("nextCursor").isNull() ? null : "&cursor=" + page.get("nextCursor").textValue();
            CLOCK.set(CLOCK.instant().plusSeconds(3_000));
        } while (cursor != null);

        assertThat(users).containsExactly("user2", "user5", "user1", "user4", "user0", "user3", "user6");
    }

    @Test
    void refusesACursorOfAnotherList() {
        for (int i = 0; i < 3; i++) {
            api.telemetry.usage.use("acme", "user" + i, NOW, usage(1, 0));
            api.telemetry.allocations.add(Samples.live("n1-1-" + i, "acme", "al", NOW, Usage.ZERO));
        }
        String allocations = api.get("/v1/tenants/acme/allocations?limit=1").json().get("nextCursor").textValue();
        String users = api.get("/v1/tenants/acme/users?limit=1").json().get("nextCursor").textValue();

        assertThat(api.get("/v1/tenants/acme/users?cursor=" + allocations).json().get("field").textValue())
                .isEqualTo("cursor");
        assertThat(api.get("/v1/tenants/acme/users?cursor=!").json().get("field").textValue()).isEqualTo("cursor");
        assertThat(api.get("/v1/tenants/acme/users?sort=user&cursor=" + users).json().get("field").textValue())
                .isEqualTo("cursor");
    }
}
