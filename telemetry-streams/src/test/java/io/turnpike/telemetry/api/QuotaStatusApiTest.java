package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.Samples.HARD;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.testing.ManualClock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where a quota stands, and when it will be used up. */
class QuotaStatusApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), "acme");

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
    void saysOfASoftQuotaWhatMayPassItAndThatNothingBoundsIt() {
        api.put("/v1/tenants/acme/quota", HARD.replace("HARD", "SOFT"));

        JsonNode status = api.get("/v1/tenants/acme/quota/status").json();

        assertThat(status.get("mode").textValue()).isEqualTo("SOFT");
        assertThat(status.get("overshootBoundBytes").isNull()).isTrue();
        assertThat(status.get("feedbackOvershootBytes").longValue()).isEqualTo(3_000_000);
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
        assertThat(api.get("/v1/tenants/nobody/users/ann/quota").status()).isEqualTo(404);
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
    void showsNoShareOfACapThatWasLifted() {
        String both = HARD.replace("\"rateBitsPerSecond\":null", "\"rateBitsPerSecond\":8000")
                .replace("\"maxAllocations\":null", "\"maxAllocations\":9");
        api.put("/v1/tenants/acme/quota", both);
        JsonNode capped = api.get("/v1/tenants/acme/quota/status").json().at("/shares/nodes/0");
        assertThat(capped.get("rateBitsPerSecond").longValue()).isEqualTo(6_000_000);
        assertThat(capped.get("slots").intValue()).isEqualTo(5);

        api.put("/v1/tenants/acme/quota", both.replace("\"rateBitsPerSecond\":8000", "\"rateBitsPerSecond\":null"));
        JsonNode withoutRate = api.get("/v1/tenants/acme/quota/status").json().at("/shares/nodes/0");
        for (String field : List.of("rateBitsPerSecond", "heldRateBitsPerSecond", "demandBitsPerSecond")) {
            assertThat(withoutRate.get(field).isNull()).as(field).isTrue();
        }
        assertThat(withoutRate.get("slots").intValue()).isEqualTo(5);

        api.put("/v1/tenants/acme/quota", both.replace("\"maxAllocations\":9", "\"maxAllocations\":null"));
        JsonNode withoutSlots = api.get("/v1/tenants/acme/quota/status").json().at("/shares/nodes/0");
        assertThat(withoutSlots.get("slots").isNull()).isTrue();
        assertThat(withoutSlots.get("heldRateBitsPerSecond").longValue()).isEqualTo(7_000_000);
        assertThat(withoutSlots.get("allocations").intValue()).isEqualTo(4);
    }
}
