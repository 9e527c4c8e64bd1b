package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.telemetry.dashboard.Chromium;
import io.turnpike.telemetry.dashboard.DashboardPage;
import io.turnpike.telemetry.query.AuditedHours;
import io.turnpike.telemetry.query.DirectionUsage;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.Node;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.testing.ForeignTools;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DashboardIT {
    private static final String[] LEGS = {"clientToRelay", "relayToPeer", "peerToRelay", "relayToClient"};
    private static final String[] COUNTS = {"wireBytes", "payloadBytes", "packets"};

    private static RunningApi api;
    private static Chromium browser;

    @BeforeAll
    static void start() throws IOException {
        if (Chromium.installed().isEmpty()) {
            System.out.println("DashboardIT is skipped: /usr/bin/chromium is absent (Debian: apt install chromium)");
        }
        ForeignTools.require("DashboardIT", "chromium", Chromium.installed().isPresent());
        api = new RunningApi(Clock.systemUTC());
        browser = Chromium.start();
        browser.resize(1400, 1000);
    }

    @AfterAll
    static void stop() throws IOException {
        if (browser != null) {
            browser.close();
        }
        if (api != null) {
            api.close();
        }
    }

    @BeforeEach
    void traffic() {
        Instant now = Instant.now();
        api.telemetry.clear();
        api.put("/v1/tenants/acme", "{\"displayName\":\"Acme\"}");
        api.put("/v1/tenants/acme/quota", "{\"mode\":\"HARD\",\"volumeBytes\":2000000}");
        api.put("/v1/tenants/other", "{}");
        api.telemetry.usage.use("acme", "al", now.minusSeconds(600), Samples.usage(1_234, 2_345));
        api.telemetry.usage.use("acme", "al", now.minusSeconds(1), Samples.usage(345, 6_789));
        api.telemetry.usage.use("acme", "bo", now.minusSeconds(120), Samples.usage(7, 3));
        api.telemetry.usage.use("other", "zoe", now.minusSeconds(120), Samples.usage(11, 13));
        api.telemetry.allocations
                .add(Samples.live("n1-1-1", "acme", "al", now.minusSeconds(700), Samples.usage(345, 6_789)));
        api.telemetry.allocations.add(Samples.live("n2-1-4", "acme", "bo", now.minusSeconds(10), Samples.usage(7, 3)));
        api.telemetry.nodes.add(Samples.node("n1", Node.State.SERVING, 1, now));
        api.telemetry.nodes.add(Samples.node("n2", Node.State.DRAINING, 1, now));
        api.telemetry.outcomes.count("acme", Outcome.CONNECTED, 8);
        api.telemetry.outcomes.count("acme", Outcome.REJECTED, 2);
    }

    @Test
    void showsTheFiguresOfTheApi() {
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "tenant=acme");
        Map<String, String> figures = page.figures();

        JsonNode total = api.get("/v1/tenants/acme/usage").json().get("total");
        for (String leg : LEGS) {
            for (String count : COUNTS) {
                assertThat(figures).containsEntry("total." + leg + "." + count,
                        total.at("/" + leg + "/" + count).asText());
            }
        }
        assertThat(figures).containsEntry("total.billableBytes", total.get("billableBytes").asText());
        assertThat(total.get("billableBytes").longValue()).isPositive();
        JsonNode users = api.get("/v1/tenants/acme/users").json().get("users");
        assertThat(users).hasSize(2);
        users.forEach(user -> assertThat(figures)
                .containsEntry("user." + user.get("user").textValue() + ".billableBytes",
                        user.get("billableBytes").asText())
                .containsEntry("user." + user.get("user").textValue() + ".clientToRelay",
                        user.at("/clientToRelay/wireBytes").asText()));
        JsonNode status = api.get("/v1/tenants/acme/quota/status").json();
        for (String field : List.of("usedBytes", "limitBytes", "remainingBytes")) {
            assertThat(figures).containsEntry("quota.acme." + field, status.get(field).asText());
        }
        assertThat(Double.parseDouble(figures.get("rate"))).as("there was traffic just now").isPositive();
        assertThat(figures).containsEntry("outcome.CONNECTED", "8").containsEntry("outcome.REJECTED", "2")
                .containsEntry("success", "0.8").containsEntry("nodes.serving", "1").containsEntry("live.cluster", "1");
        api.get("/v1/tenants/acme/allocations").json().get("allocations")
                .forEach(allocation -> assertThat(figures).containsEntry(
                        "allocation." + allocation.get("id").textValue() + ".billableBytes",
                        allocation.at("/usage/billableBytes").asText()));
        api.get("/v1/nodes").json().get("nodes").forEach(node -> assertThat(figures).containsEntry(
                "node." + node.get("id").textValue() + ".allocations", node.get("allocations").asText()));
    }

    @Test
    void showsAllTenantsTogether() {
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "");

        assertThat(page.figure("total.billableBytes"))
                .isEqualTo(api.get("/v1/cluster/usage").json().at("/total/billableBytes").asText());
        assertThat(page.figure("tenant.other.billableBytes")).isEqualTo(Long.toString(24 * 104));
        assertThat(page.figure("tenant.acme.billableBytes"))
                .isEqualTo(api.get("/v1/tenants/acme/usage").json().at("/total/billableBytes").asText());
    }

    @Test
    void drawsTheBucketsThatTheApiAnswers() {
        DashboardPage.open(browser, api.server.uri(), "tenant=acme&user=al");
        JsonNode points = api.get("/v1/tenants/acme/users/al/usage").json().get("points");

        JsonNode drawn = browser.evaluate("[...document.querySelectorAll("
                + "'#usage-table [data-figure=\"point.billableBytes\"]')].map((each) => each.dataset.value).reverse()");

        assertThat(StreamSupport.stream(drawn.spliterator(), false).map(JsonNode::asText)).containsExactlyElementsOf(
                StreamSupport.stream(points.spliterator(), false).map(point -> point.get("billableBytes").asText())
                        .toList());
        assertThat(browser.evaluate("document.querySelector('#usage-chart canvas').width").asInt()).isPositive();
    }

    @Test
    void followsTheTrafficWithoutAReload() {
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "tenant=acme&user=bo");
        assertThat(page.figure("total.clientToRelay.packets")).isEqualTo("7");

        api.telemetry.usage.use("acme", "bo", Instant.now(), Samples.usage(1, 0));

        page.awaitFigure("total.clientToRelay.packets", "8");
    }

    @Test
    void formatsForPeopleAndKeepsEveryByte() {
        long big = (1L << 53) + 1;
        api.telemetry.usage.use("acme", "bo", Instant.now(),
                new Usage(new DirectionUsage(1_536, 5, 12_345), DirectionUsage.ZERO,
                        DirectionUsage.ZERO, DirectionUsage.ZERO, big));

        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "tenant=acme&user=bo");

        assertThat(page.figure("total.billableBytes")).isEqualTo(Long.toString(big + 10 * 104));
        assertThat(page.reading("total.billableBytes")).isEqualTo("8.00\u202fPiB");
        assertThat(page.reading("total.clientToRelay.wireBytes")).isEqualTo("2.21\u202fKiB");
        assertThat(page.reading("total.clientToRelay.packets")).isEqualTo("12,352");
        assertThat(page.reading("total.peerToRelay.wireBytes")).isEqualTo("300\u202fB");
    }

    @Test
    void canBeUsedFromTheKeyboard() {
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "tenant=acme");

        browser.evaluate("document.querySelector('[data-user=\"al\"] button').focus()");
        api.telemetry.usage.use("acme", "al", Instant.now(), Samples.usage(1, 0));
        page.awaitFigure("user.al.packets", Integer.toString(1_234 + 2_345 + 345 + 6_789 + 1));
        assertThat(browser.evaluate("document.activeElement.textContent").asText())
                .as("a refresh takes nobody's place").isEqualTo("al");
        browser.press("Tab");
        assertThat(browser.evaluate("document.activeElement.textContent").asText()).isEqualTo("bo");
        browser.press("Enter");

        page.awaitFigure("total.clientToRelay.packets", "7");
        assertThat(browser.evaluate("location.hash").asText()).isEqualTo("#tenant=acme&user=bo");
    }

    @Test
    void saysWhatIsEmpty() {
        api.telemetry.clear();
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "");

        for (String panel : List.of("usage", "quotas", "users", "outcomes", "allocations", "nodes")) {
            assertThat(page.panel(panel)).as(panel).isEqualTo("empty");
        }
        assertThat(page.figure("success")).as("unknown, not 0").isEqualTo("null");
    }

    @Test
    void saysWhatIsPartialOrStale() {
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "tenant=acme");
        page.awaitFreshness("fresh");

        api.telemetry.stores.freshness(new Freshness(Instant.now(), 10, false, List.of(3)));
        page.awaitFreshness("partial");
        page.awaitBadge("usage", "Partial");

        api.telemetry.stores.freshness(Freshness.complete(Instant.now().minusSeconds(300), 300_000));
        page.awaitFreshness("stale");
        page.awaitBadge("quotas", "Stale: 5 min");

        api.telemetry.stores.freshness(Freshness.complete(Instant.now(), 10));
        page.awaitFreshness("fresh");
        api.telemetry.stores.freshness(new Freshness(Instant.now(), 10, true, List.of(), true));
        page.awaitFreshness("stale");
        page.awaitBadge("usage", "Stale");
    }

    @Test
    void keepsTheLastFiguresWhileAStoreIsAwayAndSaysSo() {
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "tenant=acme");
        String before = page.figure("total.billableBytes");

        api.telemetry.stores.unavailable(Duration.ofSeconds(1));
        page.awaitFreshness("error");
        browser.await("document.getElementById('notice').textContent.includes('the store is restoring')");
        assertThat(page.figure("total.billableBytes")).isEqualTo(before);

        api.telemetry.stores.available();
        page.awaitFreshness("fresh");
        browser.await("document.getElementById('notice').hidden");
    }

    @Test
    void saysHowFarTheStoresAreThatAreReadBack() {
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "tenant=acme");
        api.telemetry.readiness(Readiness.restoring(new Readiness.Restore(List.of("usage-1h"), 780_000, 61)));
        api.telemetry.stores.unavailable(Duration.ofSeconds(1));

        page.awaitFreshness("error");
        browser.await("document.getElementById('notice').textContent.includes('61 % done, 780000 records left')");
    }

    @Test
    void saysWhetherAllEventsHaveArrived() {
        Instant over = Instant.now().minus(Duration.ofHours(3)).truncatedTo(ChronoUnit.HOURS);
        assertThat(arrived()).as("no relay was live").isEmpty();

        api.telemetry.completeness.hours.add(hour(over, node("n1", 10, 10)));
        api.telemetry.completeness.hours.add(hour(Instant.now().truncatedTo(ChronoUnit.HOURS), silent("n1")));
        assertThat(arrived()).as("of the running hour nobody can know").matches("all events up to ..:.. have arrived");

        api.telemetry.completeness.hours
                .add(hour(over.plus(Duration.ofHours(1)), node("n1", 10, 10), node("n2", 2_000, 7)));
        assertThat(arrived()).matches("hour ..:.. incomplete: 1,993 events missing");
        assertThat(browser.evaluate("document.getElementById('completeness').title").asText()).endsWith("missing (n2)");

        api.telemetry.completeness.hours.add(hour(over.minus(Duration.ofHours(1)), silent("n1")));
        assertThat(arrived()).matches("hour ..:.. incomplete: 1,993 events missing, and 1 more hour");
        assertThat(browser.evaluate("document.getElementById('completeness').title").asText())
                .endsWith("not known how many events are missing (n1)");
    }

    private String arrived() {
        DashboardPage.open(browser, api.server.uri(), "");
        return browser.evaluate("document.getElementById('completeness').textContent").asText();
    }

    private static AuditedHours.Hour hour(Instant start, AuditedHours.Node... nodes) {
        return new AuditedHours.Hour(start, List.of(nodes).stream().allMatch(AuditedHours.Node::complete),
                List.of(nodes));
    }

    private static AuditedHours.Node node(String name, long expected, long received) {
        return new AuditedHours.Node(name, OptionalLong.of(expected), received, OptionalLong.of(expected - received), 0,
                0, true, expected == received);
    }

    /** One that has said nothing. */
    private static AuditedHours.Node silent(String name) {
        return new AuditedHours.Node(name, OptionalLong.empty(), 4, OptionalLong.empty(), 0, 0, false, false);
    }

    @Test
    void marksThePanelWhoseStoreIsAwayAndGoesOnWithTheOthers() {
        DashboardPage page = DashboardPage.open(browser, api.server.uri(), "tenant=acme");
        String before = page.figure("total.billableBytes");

        api.telemetry.usage.away(true);
        page.awaitBadge("usage", "Not updating: the usage store is moving");
        api.telemetry.outcomes.count("acme", Outcome.CONNECTED, 1);
        page.awaitFigure("outcome.CONNECTED", "9");
        assertThat(page.figure("total.billableBytes")).isEqualTo(before);

        page = DashboardPage.open(browser, api.server.uri(), "tenant=other");
        assertThat(page.panel("usage")).as("nothing to show yet").isEqualTo("failed");
        api.telemetry.usage.away(false);
        page.awaitPanel("usage", "ready");
    }

    @Test
    void asksForATokenWhereReadingNeedsOne() throws IOException {
        try (RunningApi closed = new RunningApi(Clock.systemUTC(), false, Duration.ofSeconds(10))) {
            closed.put("/v1/tenants/acme", "{}");
            closed.telemetry.usage.use("acme", "al", Instant.now(), Samples.usage(5, 5));
            browser.open(closed.server.uri());
            browser.await("!document.getElementById('sign-in').hidden");
            assertThat(browser.evaluate("document.getElementById('page').hidden").asBoolean()).isTrue();

            browser.evaluate("document.getElementById('token').focus()");
            browser.type(RunningApi.ACME);
            browser.press("Enter");

            browser.await(
                    "document.querySelector('[data-figure=\"total.clientToRelay.packets\"]')?.dataset.value === '5'");
            browser.await("document.querySelector('[data-panel=\"nodes\"]').textContent"
                    + ".includes('This token sees one tenant only')");
        }
    }

    @Test
    void showsNamesAsTextOnly() {
        String name = "<img src=x onerror=document.title='owned'>";
        api.telemetry.usage.use("acme", name, Instant.now(), Samples.usage(9_999, 9_999));

        DashboardPage.open(browser, api.server.uri(), "tenant=acme");

        browser.await("document.getElementById('users-table').innerText.includes(\"" + name + "\")");
        assertThat(browser.evaluate("document.querySelector('#users-table img') === null").asBoolean()).isTrue();
        assertThat(browser.evaluate("document.title").asText()).isEqualTo("Turnpike");
    }

    @Test
    void loadsNothingFromElsewhereAndComplainsOfNothing() {
        DashboardPage.open(browser, api.server.uri(), "tenant=acme");

        assertThat(browser.evaluate("performance.getEntriesByType('resource')"
                + ".filter((each) => !each.name.startsWith(location.origin)).map((each) => each.name)")).isEmpty();
        assertThat(browser.evaluate("performance.getEntriesByType('resource').length").asInt()).isGreaterThan(8);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void fitsANarrowWindowAndTheDark() {
        browser.resize(400, 900);
        browser.prefer("dark");
        try {
            DashboardPage.open(browser, api.server.uri(), "tenant=acme");
            assertThat(browser.evaluate("document.documentElement.scrollWidth <= innerWidth").asBoolean())
                    .as("no sideways scrolling").isTrue();
            assertThat(browser.evaluate("document.documentElement.dataset.theme").asText()).isEqualTo("dark");
        } finally {
            browser.resize(1400, 1000);
            browser.prefer("light");
        }
    }
}
