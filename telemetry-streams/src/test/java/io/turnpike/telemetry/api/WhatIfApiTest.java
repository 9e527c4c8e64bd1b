package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.testing.ManualClock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WhatIfApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    private static final String PATH = "/v1/tenants/acme/quota/what-if";

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), "acme");

    /** al 104,000 bytes an hour from 06:00 to 10:00, bo 10,400. */
    @BeforeEach
    void fill() {
        for (int hour = 6; hour < 10; hour++) {
            Instant at = Instant.parse("2026-11-22T0" + hour + ":30:00Z");
            api.telemetry.usage.use("acme", "al", at, Samples.usage(500, 500));
            api.telemetry.usage.use("acme", "bo", at, Samples.usage(50, 50));
        }
    }

    @Test
    void saysWhenTheTenantWouldHaveBeenCutAndHowMuchOfWhoseUseWouldNotHavePassed() {
        JsonNode answer = ask("{\"volumeBytes\":200000,\"period\":\"DAY\"}");

        JsonNode today = answer.get("periods").get(answer.get("periods").size() - 1);
        assertThat(today.get("periodId").textValue()).isEqualTo("2026-11-22");
        assertThat(today.get("cutAfter").textValue()).isEqualTo("2026-11-22T07:00:00Z");
        assertThat(today.get("cutBefore").textValue()).isEqualTo("2026-11-22T08:00:00Z");
        assertThat(today.get("usedBytes").longValue()).isEqualTo(4 * 114_400);
        assertThat(today.get("refusedBytes").longValue()).isEqualTo(4 * 114_400 - 200_000);
        assertThat(answer.get("cutPeriods").intValue()).isOne();
        assertThat(answer.get("step").textValue()).isEqualTo("1h");
        assertThat(answer.get("aligned").booleanValue()).isTrue();
        assertThat(answer.at("/users/all").booleanValue()).isTrue();
        assertThat(answer.at("/users/cut/0/user").textValue()).isEqualTo("al");
        assertThat(answer.at("/users/cut/0/refusedBehindTenantCut").longValue()).isEqualTo(2 * 104_000);
        assertThat(answer.at("/users/cut/1/refusedBehindTenantCut").longValue()).isEqualTo(2 * 10_400);
    }

    @Test
    void holdsEachUserAgainstAVolumeOfItsOwn() {
        JsonNode answer = ask("{\"userVolumeBytes\":150000,\"period\":\"DAY\"}");

        assertThat(answer.at("/quota/volumeBytes").isNull()).isTrue();
        assertThat(answer.get("refusedBytes").longValue()).isZero();
        assertThat(answer.at("/users/cut")).hasSize(1);
        assertThat(answer.at("/users/cut/0/user").textValue()).isEqualTo("al");
        assertThat(answer.at("/users/cut/0/refusedByUserVolume").longValue()).isEqualTo(4 * 104_000 - 150_000);
        assertThat(answer.at("/users/cut/0/periods/0/cutAfter").textValue()).isEqualTo("2026-11-22T07:00:00Z");
        assertThat(answer.at("/users/looked").intValue()).isOne();
        assertThat(answer.at("/users/all").booleanValue()).isTrue();
    }

    @Test
    void holdsUsageAgainstPeriodsThatBeginAtAnAnchor() {
        JsonNode answer = ask("{\"volumeBytes\":200000,\"period\":\"DAY\",\"anchor\":8}");

        assertThat(answer.at("/quota/anchor").intValue()).isEqualTo(8);
        JsonNode last = answer.get("periods").get(answer.get("periods").size() - 1);
        assertThat(last.get("periodStart").textValue()).isEqualTo("2026-11-22T08:00:00Z");
        assertThat(ask("{\"volumeBytes\":1,\"anchor\":1}").at("/quota/anchor").isNull()).isTrue();
        assertField("anchor", "{\"volumeBytes\":1,\"anchor\":29}");
        assertField("anchor", "{\"volumeBytes\":1,\"period\":\"DAY\",\"anchor\":24}");
    }

    @Test
    void saysWhenOnlySomeOfTheUsersWereLookedAt() {
        JsonNode answer = ask("{\"volumeBytes\":0,\"period\":\"DAY\",\"users\":1}");

        assertThat(answer.at("/users/looked").intValue()).isOne();
        assertThat(answer.at("/users/all").booleanValue()).isFalse();
        assertThat(ask("{\"volumeBytes\":0,\"users\":0}").at("/users/all").booleanValue()).isFalse();
        assertThat(ask("{\"volumeBytes\":9000000,\"users\":0}").at("/users/all").booleanValue()).isTrue();
    }

    @Test
    void looksAtTheRangeThatIsAskedForAndSaysWhereAPeriodIsNotWhole() {
        JsonNode answer = ask("{\"volumeBytes\":1,\"period\":\"DAY\",\"from\":\"2026-11-22T08:10:00Z\","
                + "\"to\":\"2026-11-22T09:00:00Z\"}");

        assertThat(answer.get("from").textValue()).isEqualTo("2026-11-22T08:00:00Z");
        assertThat(answer.get("usedBytes").longValue()).isEqualTo(114_400);
        assertThat(answer.at("/periods/0/whole").booleanValue()).isFalse();
        assertThat(ask("{\"volumeBytes\":1,\"from\":\"2026-01-05T00:00:00Z\"}").get("step").textValue())
                .isEqualTo("1d");
    }

    @Test
    void tellsThatRecordedUsageHasHoles() {
        api.telemetry.stores.freshness(new Freshness(NOW, 5, false, List.of(2)));

        JsonNode answer = ask("{\"volumeBytes\":1}");

        assertThat(answer.get("complete").booleanValue()).isFalse();
        assertThat(answer.get("missingPartitions").toString()).isEqualTo("[2]");
    }

    @Test
    void namesTheFieldThatIsWrong() {
        assertField("volumeBytes", "{}");
        assertField("volumeBytes", "{\"volumeBytes\":-1}");
        assertField("userVolumeBytes", "{\"userVolumeBytes\":\"1\"}");
        assertField("period", "{\"volumeBytes\":1,\"period\":\"YEAR\"}");
        assertField("timeZone", "{\"volumeBytes\":1,\"timeZone\":\"Mars\"}");
        assertField("from", "{\"volumeBytes\":1,\"from\":\"yesterday\"}");
        assertField("from", "{\"volumeBytes\":1,\"from\":\"2020-01-01T00:00:00Z\"}");
        assertField("users", "{\"volumeBytes\":1,\"users\":201}");
        assertField("mode", "{\"volumeBytes\":1,\"mode\":\"HARD\"}");
    }

    @Test
    void aTenantMayAskForItselfAndNobodyForAnUnknownOne() {
        assertThat(api.post(PATH, "{\"volumeBytes\":1}", "Authorization", RunningApi.bearer(RunningApi.ACME)).status())
                .isEqualTo(200);
        assertThat(api.post("/v1/tenants/other/quota/what-if", "{\"volumeBytes\":1}", "Authorization",
                RunningApi.bearer(RunningApi.ACME)).status()).isEqualTo(403);
        assertThat(api.post("/v1/tenants/ghost/quota/what-if", "{\"volumeBytes\":1}").status()).isEqualTo(404);
    }

    @Test
    void anAnswerAndAProblemAreOneLineEach() {
        assertThat(api.get("/v1/tenants/acme").raw().body()).endsWith("}\n").hasLineCount(1);
        assertThat(api.get("/v1/tenants/ghost").raw().body()).endsWith("}\n").hasLineCount(1);
    }

    private static JsonNode ask(String body) {
        RunningApi.Answer answer = api.post(PATH, body);
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
        return answer.json();
    }

    private static void assertField(String field, String body) {
        RunningApi.Answer answer = api.post(PATH, body);
        assertThat(answer.status()).as(body).isEqualTo(400);
        assertThat(answer.json().get("field").textValue()).as(body).isEqualTo(field);
    }
}
