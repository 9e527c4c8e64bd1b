package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.RunningApi.bearer;
import static io.turnpike.telemetry.api.Samples.usage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.contract.SecretSeal;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.testing.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A cursor serves for the list that gave it, as it was given, and for nothing else. */
class CursorApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    /** Each list with a query under which it has more than one page. */
    private static final List<String> LISTS = List.of("/v1/tenants?limit=1", "/v1/tenants/acme/users?limit=1",
            "/v1/tenants/acme/users?limit=1&sort=user", "/v1/tenants/acme/allocations?limit=1",
            "/v1/tenants/acme/allocations?limit=1&state=ended", "/v1/tenants/acme/quota/history?limit=1",
            "/v1/tenants/acme/quota/history/users?limit=1", "/v1/dlq?limit=1");

    @RegisterExtension
    static final RunningApi api = new RunningApi(new ManualClock(NOW), "acme", "other");

    @BeforeEach
    void fill() {
        for (String tenant : List.of("acme", "other")) {
            for (int i = 0; i < 3; i++) {
                api.telemetry.usage.use(tenant, tenant + "-" + i, NOW, usage(i + 1, 0));
                api.telemetry.allocations.add(Samples.live("n1-1-" + i + tenant, tenant, "al", NOW, Usage.ZERO));
                api.telemetry.allocations.add(
                        Samples.ended("n2-1-" + i + tenant, tenant, "al", NOW, Usage.ZERO, Outcome.CONNECTED));
                api.put("/v1/tenants/" + tenant + "/quota", "{\"mode\":\"SOFT\",\"volumeBytes\":" + (i + 1) + "}");
                api.telemetry.quotas.audited(tenant, Samples.warning("al", i + 1, NOW));
            }
        }
        api.telemetry.letters.add(Samples.letter(0, 7, NOW));
        api.telemetry.letters.add(Samples.letter(0, 8, NOW));
    }

    @Test
    void servesForTheNextPageOfItsList() {
        for (String list : LISTS) {
            assertThat(get(list + "&cursor=" + cursor(list)).status()).as(list).isEqualTo(200);
        }
    }

    @Test
    void isRefusedWhereverItIsChanged() {
        for (String list : LISTS) {
            String cursor = cursor(list);
            for (int place = 0; place < cursor.length(); place++) {
                char other = cursor.charAt(place) == 'A' ? 'B' : 'A';
                assertRefused(list, cursor.substring(0, place) + other + cursor.substring(place + 1));
            }
            assertRefused(list, cursor.substring(1));
            assertRefused(list, cursor.substring(0, cursor.length() - 1));
            assertRefused(list, cursor + "A");
            assertRefused(list, cursor + "=");
        }
    }

    @Test
    void doesNotLeadIntoAnotherTenantsData() {
        for (String list : LISTS.subList(1, 6)) {
            String others = list.replace("/acme/", "/other/");
            assertRefused(list, cursor(others));
            assertRefused(others, cursor(list));
            byte[] bytes = Base64.getUrlDecoder().decode(cursor(list));
            String edited = new String(bytes, StandardCharsets.ISO_8859_1).replace("acme", "other");
            if (edited.contains("other")) { // where it names something of the tenant
                assertRefused(list, Base64.getUrlEncoder().withoutPadding()
                        .encodeToString(edited.getBytes(StandardCharsets.ISO_8859_1)));
            }
        }
    }

    @Test
    void isRefusedByEveryOtherList() {
        for (String list : LISTS) {
            for (String other : LISTS) {
                if (!path(other).equals(path(list))) {
                    assertRefused(list, cursor(other));
                }
            }
        }
    }

    @Test
    void isRefusedEvenWhereItWouldNotBeUsed() {
        RunningApi.Answer answer = api.get("/v1/tenants?cursor=edited", "Authorization", bearer(RunningApi.ACME));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("field").textValue()).isEqualTo("cursor");
    }

    @Test
    void isTakenByEveryInstanceOfTheClusterAndOfNoOther() {
        String key = SecretSeal.newKey();
        String cursor = Cursors.with(SecretSeal.withKey(key)).of("/list/{tenant}", Map.of("tenant", "acme"))
                .write(Json.object().put("id", "x"));

        assertThat(Cursors.with(SecretSeal.withKey(key)).of("/list/{tenant}", Map.of("tenant", "acme")).read(cursor)
                .text("id")).isEqualTo("x");
        for (Cursors foreign : List.of(Cursors.with(SecretSeal.withKey(key)).of("/list/{tenant}", Map.of()),
                Cursors.with(SecretSeal.withKey(SecretSeal.newKey())).of("/list/{tenant}",
                        Map.of("tenant", "acme")))) {
            assertThatThrownBy(() -> foreign.read(cursor)).isInstanceOf(Problem.class);
        }
    }

    private static String cursor(String list) {
        JsonNode next = get(list).json().get("nextCursor");
        assertThat(next.isTextual()).as(list).isTrue();
        return next.textValue();
    }

    private static void assertRefused(String list, String cursor) {
        RunningApi.Answer answer = get(list + "&cursor=" + cursor);
        assertThat(answer.status()).as("%s with %s", list, cursor).isEqualTo(400);
        assertThat(answer.json().get("field").textValue()).as(list).isEqualTo("cursor");
    }

    private static String path(String list) {
        return list.replaceAll("\\?.*", "");
    }

    private static RunningApi.Answer get(String path) {
        return api.get(path, "Authorization", bearer(RunningApi.OPERATOR));
    }
}
