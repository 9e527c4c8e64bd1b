package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.Samples.HARD;
import static io.turnpike.telemetry.api.Samples.warning;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.testing.ManualClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What was decided on a quota. */
class QuotaHistoryApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), "acme");

    @Test
    void showsDecisionsNewestFirst() {
        api.put("/v1/tenants/acme/quota", HARD);
        api.put("/v1/tenants/acme/quota", HARD.replace("5242880", "10485760"));

        JsonNode events = api.get("/v1/tenants/acme/quota/history?limit=10").json().get("events");

        assertThat(events).hasSize(2);
        assertThat(events.get(0).get("version").longValue()).isEqualTo(2);
        assertThat(events.get(0).get("limitBytes").longValue()).isEqualTo(10_485_760);
        assertThat(events.get(0).get("actor").textValue()).isEqualTo("ops");
        assertThat(events.get(0).get("usedBytes").isNull()).as("a write is of no period").isTrue();
    }

    @Test
    void pagesThroughAHistoryThatGrowsMeanwhile() {
        for (int percent = 1; percent <= 7; percent++) {
            api.telemetry.quotas.audited("acme", warning("", percent, NOW));
        }

        List<Integer> seen = new ArrayList<>();
        String next = "/v1/tenants/acme/quota/history?limit=3";
        while (next != null) {
            JsonNode page = api.get(next).json();
            page.get("events").forEach(event -> seen.add(event.get("warnedPercent").intValue()));
            api.telemetry.quotas.audited("acme", warning("", 100, NOW));
            next = page.get("nextCursor").isNull()
                    ? null
                    : "/v1/tenants/acme/quota/history?limit=3&cursor=" + page.get("nextCursor").textValue();
        }

        assertThat(seen).containsExactly(7, 6, 5, 4, 3, 2, 1);
    }

    @Test
    void filtersAHistoryByKindAndTimeOnEachPage() {
        for (int minute = 0; minute < 6; minute++) {
            api.telemetry.quotas.audited("acme", QuotaAudit.newBuilder(warning("", minute + 1, NOW))
                    .setOccurredAt(NOW.plusSeconds(60L * minute))
                    .setKind(minute % 2 == 0 ? AuditKind.STATE_CHANGED : AuditKind.ALARM).build());
        }
        String range = "from=" + NOW.plusSeconds(60) + "&to=" + NOW.plusSeconds(300);

        JsonNode both = api.get("/v1/tenants/acme/quota/history?kind=STATE_CHANGED,ALARM&" + range).json();
        JsonNode first = api.get("/v1/tenants/acme/quota/history?kind=STATE_CHANGED&limit=1&" + range).json();
        JsonNode second = api.get("/v1/tenants/acme/quota/history?cursor=" + first.get("nextCursor").textValue())
                .json();
        JsonNode same = api.get("/v1/tenants/acme/quota/history?kind=STATE_CHANGED&limit=1&" + range + "&cursor="
                + first.get("nextCursor").textValue()).json();

        assertThat(both.get("events")).hasSize(4);
        assertThat(first.at("/events/0/warnedPercent").intValue()).isEqualTo(5);
        assertThat(second.get("events")).hasSize(1).isEqualTo(same.get("events"));
        assertThat(second.at("/events/0/warnedPercent").intValue()).isEqualTo(3);
        assertThat(second.at("/events/0/type").textValue()).isEqualTo("quota.warning");
        assertThat(second.get("nextCursor").isNull()).isTrue();
        for (String wrong : List.of("kind=NONSENSE", "kind=ALARM,", "from=yesterday",
                "from=" + NOW + "&cursor=" + first.get("nextCursor").textValue(),
                "kind=ALARM&cursor=" + first.get("nextCursor").textValue(), "cursor=e30",
                "from=" + NOW + "&to=" + NOW)) {
            assertThat(api.get("/v1/tenants/acme/quota/history?" + wrong).status()).as(wrong).isEqualTo(400);
        }
    }

    @Test
    void showsUsersInAHistoryOfTheirOwn() {
        for (int i = 1; i <= 4; i++) {
            api.telemetry.quotas.audited("acme",
                    warning(i % 2 == 0 ? "al" : "bo", i, NOW));
        }
        api.telemetry.quotas.audited("acme", warning("", 99, NOW));
        String users = "/v1/tenants/acme/quota/history/users";

        assertThat(api.get("/v1/tenants/acme/quota/history").json().get("events")).singleElement()
                .satisfies(event -> assertThat(event.get("user").isNull()).isTrue());
        assertThat(api.get(users).json().get("events")).extracting(event -> event.get("user").textValue())
                .containsExactly("al", "bo", "al", "bo");
        JsonNode first = api.get(users + "?user=bo&limit=1").json();
        JsonNode second = api.get(users + "?cursor=" + first.get("nextCursor").textValue()).json();
        JsonNode same = api.get(users + "?user=bo&limit=1&cursor=" + first.get("nextCursor").textValue()).json();
        assertThat(same.get("events")).isEqualTo(second.get("events"));
        assertThat(first.at("/events/0/warnedPercent").intValue()).isEqualTo(3);
        assertThat(second.get("events")).as("the cursor holds the user").singleElement()
                .satisfies(event -> assertThat(event.get("warnedPercent").intValue()).isEqualTo(1));
        for (String wrong : List.of("user=", "user=al&user=bo",
                "user=al&cursor=" + first.get("nextCursor").textValue())) {
            assertThat(api.get(users + '?' + wrong).status()).as(wrong).isEqualTo(400);
        }
        assertThat(api.get("/v1/tenants/acme/quota/history?user=al").status()).isEqualTo(400);
        assertThat(api.get("/v1/tenants/nobody/quota/history/users").status()).isEqualTo(404);
    }
}
