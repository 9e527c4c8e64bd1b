package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.Samples.HARD;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.testing.ManualClock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a quota policy is, and which are refused. */
class QuotaApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");

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
        assertField("userVolumeBytes", HARD.replace("{", "{\"userVolumeBytes\":-1,"));
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
