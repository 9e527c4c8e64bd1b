package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.testing.ManualClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class QuotaApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    private static final String HARD = """
            {"mode":"HARD","period":"MONTH","timeZone":"UTC","volumeBytes":5242880,"rateBitsPerSecond":null,
             "maxAllocations":null,"maxAllocationsPerUser":null,"onControlLoss":"STOP"}""";

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), "acme");

    @Test
    void showsTheDefaultPolicyAsEpochZero() {
        RunningApi.Answer answer = api.get("/v1/tenants/acme/quota");

        assertThat(answer.header("ETag")).isEqualTo("\"0\"");
        assertThat(answer.json().get("mode").textValue()).isEqualTo("OFF");
        assertThat(answer.json().get("default").booleanValue()).isTrue();
        assertThat(answer.json().get("volumeBytes").isNull()).isTrue();
    }

    @Test
    void setsAPolicyAndItsEpochIsTheEtag() {
        RunningApi.Answer created = api.put("/v1/tenants/acme/quota", HARD);
        RunningApi.Answer raised = api.put("/v1/tenants/acme/quota", HARD.replace("5242880", "10485760"), "If-Match",
                created.header("ETag"));
        RunningApi.Answer stale = api.put("/v1/tenants/acme/quota", HARD, "If-Match", created.header("ETag"));

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("ETag")).isEqualTo("\"1\"");
        assertThat(raised.status()).isEqualTo(200);
        assertThat(raised.json().get("volumeBytes").longValue()).isEqualTo(10_485_760);
        assertThat(stale.status()).isEqualTo(412);
        assertThat(api.get("/v1/tenants/acme/quota").header("ETag")).isEqualTo("\"2\"");
    }

    @Test
    void showsWhereTheTenantStands() {
        api.put("/v1/tenants/acme/quota", HARD);
        api.telemetry.usage.use("acme", "al", NOW, Samples.usage(20_000, 20_000));

        JsonNode status = api.get("/v1/tenants/acme/quota/status").json();

        assertThat(status.get("mode").textValue()).isEqualTo("HARD");
        assertThat(status.get("state").textValue()).isEqualTo("OPEN");
        assertThat(status.get("usedBytes").longValue()).isEqualTo(4_160_000);
        assertThat(status.get("limitBytes").longValue()).isEqualTo(5_242_880);
        assertThat(status.get("remainingBytes").longValue()).isEqualTo(1_082_880);
        assertThat(status.get("overshootBoundBytes").longValue()).isZero();
        assertThat(status.get("feedbackOvershootBytes").isNull()).isTrue();
        assertThat(status.get("periodStart").textValue()).isEqualTo("2026-11-01T00:00:00Z");
        assertThat(status.get("periodEnd").textValue()).isEqualTo("2026-12-01T00:00:00Z");
    }

    @Test
    void leavesWhatNothingLimitsUnknown() {
        JsonNode status = api.get("/v1/tenants/acme/quota/status").json();

        assertThat(status.get("remainingBytes").isNull()).isTrue();
        assertThat(status.get("limitBytes").isNull()).isTrue();
        assertThat(status.get("overshootBoundBytes").isNull()).isTrue();
    }

    @Test
    void projectsWhenTheVolumeWillBeUsedUp() {
        api.put("/v1/tenants/acme/quota", HARD);
        api.telemetry.usage.use("acme", "al", NOW.minusSeconds(1_800), Samples.usage(20_000, 20_000));

        JsonNode projection = api.get("/v1/tenants/acme/quota/status").json().get("projection");

        // 1,082,880 bytes are left, and 4,160,000 were used in the last 24 hours.
        assertThat(projection.get("outlook").textValue()).isEqualTo("IN_PERIOD");
        assertThat(Instant.parse(projection.get("exhaustedAt").textValue()))
                .isEqualTo(NOW.plusSeconds((long) (1_082_880 / (4_160_000 / 86_400.0))));
        assertThat(projection.at("/trends/0/window").textValue()).isEqualTo("1h");
        assertThat(projection.at("/trends/0/bytesPerSecond").longValue()).isEqualTo(1_156);
        assertThat(projection.get("earliest")).isEqualTo(projection.at("/trends/0/exhaustedAt"));
        assertThat(projection.get("latest")).isEqualTo(projection.at("/trends/2/exhaustedAt"));
    }

    @Test
    void projectsNothingThatIsNotKnown() {
        assertThat(api.get("/v1/tenants/acme/quota/status").json().at("/projection/outlook").textValue())
                .isEqualTo("UNLIMITED");
        api.put("/v1/tenants/acme/quota", HARD);
        api.telemetry.usage.away(true);

        JsonNode status = api.get("/v1/tenants/acme/quota/status").json();

        assertThat(status.get("limitBytes").longValue()).isEqualTo(5_242_880);
        assertThat(status.at("/projection/outlook").textValue()).isEqualTo("UNKNOWN");
        assertThat(status.at("/projection/exhaustedAt").isNull()).isTrue();
        assertThat(status.at("/projection/trends")).isEmpty();
    }

    @Test
    void aStatusIsNoFresherThanTheSharesInIt() {
        api.put("/v1/tenants/acme/quota", HARD);
        api.telemetry.quotas.sharesFreshness(new Freshness(NOW.minusSeconds(30), 30_000, true, List.of(), true));

        JsonNode status = api.get("/v1/tenants/acme/quota/status").json();

        assertThat(status.get("stale").booleanValue()).isTrue();
        assertThat(status.get("lagMs").longValue()).isEqualTo(30_000);
    }

    @Test
    void showsDecisionsNewestFirst() {
        api.put("/v1/tenants/acme/quota", HARD);
        api.put("/v1/tenants/acme/quota", HARD.replace("5242880", "10485760"));

        JsonNode events = api.get("/v1/tenants/acme/quota/history?limit=10").json().get("events");

        assertThat(events).hasSize(2);
        assertThat(events.get(0).get("version").longValue()).isEqualTo(2);
        assertThat(events.get(0).get("limitBytes").longValue()).isEqualTo(10_485_760);
        assertThat(events.get(0).get("actor").textValue()).isEqualTo("ops");
    }

    @Test
    void pagesThroughAHistoryThatGrowsMeanwhile() {
        for (int percent = 1; percent <= 7; percent++) {
            api.telemetry.quotas.audited("acme", warning(percent));
        }

        List<Integer> seen = new ArrayList<>();
        String next = "/v1/tenants/acme/quota/history?limit=3";
        while (next != null) {
            JsonNode page = api.get(next).json();
            page.get("events").forEach(event -> seen.add(event.get("warnedPercent").intValue()));
            api.telemetry.quotas.audited("acme", warning(100));
            next = page.get("nextCursor").isNull()
                    ? null
                    : "/v1/tenants/acme/quota/history?limit=3&cursor=" + page.get("nextCursor").textValue();
        }

        assertThat(seen).containsExactly(7, 6, 5, 4, 3, 2, 1);
    }

    @Test
    void filtersAHistoryByKindAndTimeOnEachPage() {
        for (int minute = 0; minute < 6; minute++) {
            api.telemetry.quotas.audited("acme", QuotaAudit.newBuilder(warning(minute + 1))
                    .setOccurredAt(NOW.plusSeconds(60L * minute))
                    .setKind(minute % 2 == 0 ? AuditKind.STATE_CHANGED : AuditKind.ALARM).build());
        }
        String range = "from=" + NOW.plusSeconds(60) + "&to=" + NOW.plusSeconds(300);

        JsonNode both = api.get("/v1/tenants/acme/quota/history?kind=STATE_CHANGED,ALARM&" + range).json();
        JsonNode first = api.get("/v1/tenants/acme/quota/history?kind=STATE_CHANGED&limit=1&" + range).json();
        JsonNode second = api.get("/v1/tenants/acme/quota/history?cursor=" + first.get("nextCursor").textValue())
                .json();

        assertThat(both.get("events")).hasSize(4);
        assertThat(first.at("/events/0/warnedPercent").intValue()).isEqualTo(5);
        assertThat(second.get("events")).hasSize(1);
        assertThat(second.at("/events/0/warnedPercent").intValue()).isEqualTo(3);
        assertThat(second.at("/events/0/type").textValue()).isEqualTo("quota.warning");
        assertThat(second.get("nextCursor").isNull()).isTrue();
        for (String wrong : List.of("kind=NONSENSE", "kind=ALARM,", "from=yesterday",
                "kind=ALARM&cursor=" + first.get("nextCursor").textValue(), "cursor=e30",
                "from=" + NOW + "&to=" + NOW)) {
            assertThat(api.get("/v1/tenants/acme/quota/history?" + wrong).status()).as(wrong).isEqualTo(400);
        }
    }

    private static QuotaAudit warning(int percent) {
        RecordCodec.prepareAvro();
        return QuotaAudit.newBuilder().setTenantId("acme").setOccurredAt(NOW).setKind(AuditKind.STATE_CHANGED)
                .setFromState(QuotaState.OPEN).setToState(QuotaState.WARN).setWarnedPercent(percent).build();
    }

    @Test
    void namesTheFieldThatIsWrong() {
        assertField("mode", "{}");
        assertField("mode", HARD.replace("HARD", "FIRM"));
        assertField("period", HARD.replace("MONTH", "WEEK"));
        assertField("timeZone", HARD.replace("\"UTC\"", "\"Mars/Olympus\""));
        assertField("volumeBytes", HARD.replace("5242880", "-1"));
        assertField("volumeBytes", HARD.replace("5242880", "1.5"));
        assertField("volumeBytes", HARD.replace("5242880", "1e3"));
        assertField("volumeBytes", HARD.replace("5242880", "\"5242880\""));
        assertField("volumeBytes", HARD.replace("5242880", "9223372036854775808"));
        assertField("volumeBytes", HARD.replace("5242880", "null"));
        assertField("maxAllocations", HARD.replace("\"maxAllocations\":null", "\"maxAllocations\":2147483648"));
        assertField("onControlLoss", HARD.replace("STOP", "PANIC"));
        for (String percents : new String[]{"80", "[\"80\"]", "[80.5]", "[0]", "[101]", "[95,80]", "[null]",
            "{\"80\":80}"}) {
            assertField("warnPercents", HARD.replace("{", "{\"warnPercents\":" + percents + ","));
        }
        assertField("volumebytes", HARD.replace("volumeBytes", "volumebytes"));
        assertThat(api.telemetry.tenants.commands()).hasSize(1);
    }

    @Test
    void passesOnTheFieldThatTheLedgerRefuses() {
        assertField("onControlLoss", HARD.replace("STOP", "ALLOW"));
        assertThat(api.telemetry.tenants.commands()).hasSize(2);
    }

    @Test
    void saysOfASoftQuotaWhatMayPassItAndThatNothingBoundsIt() {
        api.put("/v1/tenants/acme/quota", HARD.replace("HARD", "SOFT"));

        JsonNode status = api.get("/v1/tenants/acme/quota/status").json();

        assertThat(status.get("mode").textValue()).isEqualTo("SOFT");
        assertThat(status.get("overshootBoundBytes").isNull()).isTrue();
        assertThat(status.get("feedbackOvershootBytes").longValue()).isEqualTo(3_000_000);
    }

    @Test
    void warnsAtThePercentsOfThePolicyAndAtEightyIfItNamesNone() {
        JsonNode named = api.put("/v1/tenants/acme/quota", HARD.replace("{", "{\"warnPercents\":[50,95],")).json();
        JsonNode none = api.put("/v1/tenants/acme/quota", HARD.replace("{", "{\"warnPercents\":[],")).json();
        JsonNode unnamed = api.put("/v1/tenants/acme/quota", HARD).json();

        assertThat(named.get("warnPercents").toString()).isEqualTo("[50,95]");
        assertThat(none.get("warnPercents").toString()).isEqualTo("[]");
        assertThat(unnamed.get("warnPercents").toString()).isEqualTo("[80]");
        assertThat(api.get("/v1/tenants/acme/quota").json().get("warnPercents").toString()).isEqualTo("[80]");
    }

    @Test
    void keepsOnePercentForTheTailUnlessThePolicySaysOtherwise() {
        assertThat(api.put("/v1/tenants/acme/quota", HARD).json().get("tailPercent").intValue()).isOne();
        JsonNode none = api.put("/v1/tenants/acme/quota", HARD.replace("{", "{\"tailPercent\":0,")).json();
        assertThat(none.get("tailPercent").intValue()).isZero();
        assertField("tailPercent", HARD.replace("{", "{\"tailPercent\":51,"));
        assertField("tailPercent", HARD.replace("{", "{\"tailPercent\":0.5,"));
    }

    @Test
    void aUsersQuotaIsThePolicysForEachUser() {
        JsonNode quota = api.put("/v1/tenants/acme/quota", HARD.replace("{", "{\"userVolumeBytes\":1000,")).json();
        assertThat(quota.get("userVolumeBytes").intValue()).isEqualTo(1000);
        JsonNode status = api.get("/v1/tenants/acme/users/ann/quota").json();
        assertThat(status.get("user").textValue()).isEqualTo("ann");
        assertThat(status.get("controlLoss").get("graceBytesPerNode").intValue()).isZero();
        assertThat(status.has("projection")).isFalse();
        assertThat(status.get("limitBytes").intValue()).isEqualTo(1000);
        assertField("userVolumeBytes", HARD.replace("{", "{\"userVolumeBytes\":-1,"));
        assertThat(api.get("/v1/tenants/nobody/users/ann/quota").status()).isEqualTo(404);
    }

    @Test
    void beginsPeriodsAtTheCalendarsUnlessThereIsAnAnchor() {
        assertThat(api.put("/v1/tenants/acme/quota", HARD).json().get("anchor").isNull()).isTrue();
        String day = HARD.replace("{", "{\"period\":\"DAY\",").replace("\"period\":\"MONTH\",", "");
        for (String quota : new String[]{HARD.replace("{", "{\"anchor\":28,"), day.replace("{", "{\"anchor\":23,")}) {
            int anchor = api.put("/v1/tenants/acme/quota", quota).json().get("anchor").intValue();
            assertThat(quota).contains("\"anchor\":" + anchor);
        }
        assertField("anchor", HARD.replace("{", "{\"anchor\":29,"));
        assertField("anchor", HARD.replace("{", "{\"anchor\":0,"));
        assertField("anchor", day.replace("{", "{\"anchor\":24,"));
    }

    @Test
    void takesEveryModeAndALimitWithAllButOff() {
        for (String mode : new String[]{"OFF", "SHADOW", "SOFT", "HARD"}) {
            RunningApi.Answer answer = api.put("/v1/tenants/acme/quota", HARD.replace("HARD", mode));
            assertThat(answer.json().get("mode").textValue()).isEqualTo(mode);
        }
        assertField("volumeBytes", "{\"mode\":\"SHADOW\"}");
        assertField("volumeBytes", "{\"mode\":\"SOFT\"}");
        assertField("mode", "{\"mode\":\"UNKNOWN\",\"volumeBytes\":1}");
    }

    @Test
    void refusesCapsAloneUnderAModeThatEnforcesNone() {
        for (String cap : List.of("rateBitsPerSecond", "userRateBitsPerSecond", "allocationRateBitsPerSecond",
                "maxAllocations", "maxAllocationsPerUser")) {
            for (String mode : List.of("SHADOW", "SOFT")) {
                RunningApi.Answer answer = api.put("/v1/tenants/acme/quota",
                        "{\"mode\":\"" + mode + "\",\"" + cap + "\":10000}");
                assertThat(answer.status()).as(cap).isEqualTo(400);
                assertThat(answer.json().toString()).contains("must be HARD, or a volume is needed too: " + mode);
            }
            assertThat(api.put("/v1/tenants/acme/quota", "{\"mode\":\"HARD\",\"" + cap + "\":10000}").status())
                    .isLessThan(300);
        }
        assertThat(api.telemetry.tenants.commands()).as("the tenant, and what HARD enforces").hasSize(6);
    }

    @Test
    void saysWhetherCapsAreInForce() {
        String capped = HARD.replace("\"rateBitsPerSecond\":null", "\"rateBitsPerSecond\":8000");
        assertThat(api.put("/v1/tenants/acme/quota", HARD).json().get("capsEnforced").isNull()).isTrue();
        assertThat(api.put("/v1/tenants/acme/quota", capped).json().get("capsEnforced").booleanValue()).isTrue();
        assertThat(api.get("/v1/tenants/acme/quota/status").json().at("/shares/enforced").booleanValue()).isTrue();

        api.put("/v1/tenants/acme/quota", capped.replace("HARD", "SOFT"));

        assertThat(api.get("/v1/tenants/acme/quota").json().get("capsEnforced").booleanValue()).isFalse();
        assertThat(api.get("/v1/tenants/acme/quota/status").json().at("/shares/enforced").toString())
                .isEqualTo("false");
    }

    @Test
    void acceptsAVolumeBeyondTwoToTheFiftyThird() {
        long big = (1L << 53) + 1;

        JsonNode answer = api.put("/v1/tenants/acme/quota", HARD.replace("5242880", Long.toString(big))).json();

        assertThat(answer.get("volumeBytes").longValue()).isEqualTo(big);
    }

    @Test
    void knowsNoQuotaOfAnUnknownTenant() {
        assertThat(api.get("/v1/tenants/ghost/quota").status()).isEqualTo(404);
        assertThat(api.get("/v1/tenants/ghost/quota/status").status()).isEqualTo(404);
        assertThat(api.get("/v1/tenants/ghost/quota/history").status()).isEqualTo(404);
        assertThat(api.put("/v1/tenants/ghost/quota", HARD).status()).isEqualTo(404);
    }

    private static void assertField(String field, String body) {
        RunningApi.Answer answer = api.put("/v1/tenants/acme/quota", body);
        assertThat(answer.status()).as(body).isEqualTo(400);
        assertThat(answer.json().get("field").textValue()).as(body).isEqualTo(field);
    }
}
