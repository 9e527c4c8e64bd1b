package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.query.UsageExport.Row;
import io.turnpike.testing.ManualClock;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExportApiTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");
    private static final String TOKEN = RunningApi.bearer(RunningApi.OPERATOR);

    private RunningApi api;
    private FakeExport export;

    @BeforeEach
    void start() {
        api = new RunningApi(new ManualClock(NOW));
        export = api.telemetry.export;
        api.put("/v1/tenants/acme", "{}");
        api.put("/v1/tenants/other", "{}");
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void writesEveryUserOfEveryPartitionAsCsv() {
        export.partitions.set(0, List.of(row("acme", "al"), row("acme", "b,\"o\"")));
        export.partitions.set(1, List.of(row("other", "cy")));

        RunningApi.Answer answer = get("?period=2026-11");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("text/csv");
        assertThat(answer.header("Turnpike-As-Of")).isEqualTo(FakeExport.AS_OF.toString());
        String[] lines = answer.raw().body().split("\r\n");
        assertThat(lines).hasSize(4);
        assertThat(lines[0]).startsWith("tenant,user,from,to,clientToRelayWireBytes,")
                .endsWith(",billableBytes,adjustmentBytes");
        assertThat(lines[1]).startsWith("acme,al,2026-11-01T00:00:00Z,2026-12-01T00:00:00Z,");
        assertThat(lines[2]).startsWith("acme,\"b,\"\"o\"\"\",2026");
        assertThat(lines[3]).startsWith("other,cy,").endsWith("," + row("other", "cy").usage().billableBytes() + ",0");
        assertThat(lines[1].split(",")).hasSameSizeAs(lines[0].split(","));
    }

    @Test
    void writesLinesOfJsonAsDescribed() throws IOException {
        List<Row> many = IntStream.range(0, 2_500).mapToObj(i -> row("acme", String.format("u%05d", i))).toList();
        export.partitions.set(1, many);
        JsonNode description = new YAMLMapper().readTree(api.get("/openapi.yaml").raw().body());
        SchemaCheck schemas = new SchemaCheck(description);

        List<JsonNode> lines = new ArrayList<>();
        for (String line : get("?format=ndjson&from=2026-11-22T09:00:00Z&to=2026-11-22T10:00:00Z").raw().body()
                .split("\n")) {
            lines.add(new ObjectMapper().readTree(line));
        }

        assertThat(lines).extracting(line -> line.get("user").textValue())
                .containsExactlyElementsOf(many.stream().map(Row::user).toList());
        assertThat(lines).allSatisfy(line -> assertThat(
                schemas.errors(description.at("/components/schemas/ExportLine"), line)).isEmpty());
    }

    @Test
    void aTenantExportsItselfOnly() {
        export.partitions.set(0, List.of(row("acme", "al"), row("other", "bo")));

        assertThat(api.get("/v1/usage/export?format=ndjson", "Authorization", RunningApi.bearer(RunningApi.ACME)).raw()
                .body()).contains("\"al\"").doesNotContain("\"bo\"");
        assertThat(api.get("/v1/usage/export?tenant=other", "Authorization", RunningApi.bearer(RunningApi.ACME))
                .status()).isEqualTo(403);
        assertThat(get("?tenant=other&format=ndjson").raw().body()).contains("\"bo\"").doesNotContain("\"al\"");
        assertThat(get("?tenant=ghost").status()).isEqualTo(404);
    }

    @Test
    void refusesWhatIsNoPeriod() {
        for (String query : List.of("?period=2026-13", "?period=november", "?period=2026-11&step=1d", "?format=xml",
                "?tenant=A", "?period=2019-01")) {
            assertThat(get(query).status()).as(query).isEqualTo(400);
        }
        assertThat(get("?period=2026-11-22").raw().body()).startsWith("tenant,");
    }

    @Test
    void beginsOnlyIfEveryPartitionHasItsOwner() {
        export.isStale = partition -> partition == 1;

        assertThat(get("").status()).isEqualTo(503);
        assertThat(get("").header("Retry-After")).isNotEmpty();
    }

    @Test
    void waitsForAPartitionThatMovesAndGivesUpOneThatStaysAway() {
        export.partitions.set(0, List.of(row("acme", "al")));
        UsageFile file = new UsageFile(UsageWindow.of(Optional.empty(), Optional.empty(), Optional.empty(), NOW),
                UsageFile.Format.NDJSON);
        UsagePieces pieces = UsagePieces.open(export, Optional.empty(), file, Duration.ofSeconds(60));
        AtomicInteger looks = new AtomicInteger();
        export.isStale = partition -> looks.incrementAndGet() < 3;
        assertThat(pieces.next()).isPresent();
        assertThat(looks).hasValue(3);
        export.isStale = partition -> false;
        UsagePieces impatient = UsagePieces.open(export, Optional.empty(), file, Duration.ofMillis(1));
        export.isStale = partition -> true;
        assertThatThrownBy(impatient::next).isInstanceOf(StoreUnavailable.class);
    }

    @Test
    void aFileThatCannotBeFinishedIsCutOff() {
        export.partitions.set(0, List.of(row("acme", "al")));
        AtomicInteger looks = new AtomicInteger();
        export.isBroken = partition -> partition == 1 && looks.incrementAndGet() > 1;

        assertThatThrownBy(() -> get("")).hasMessage("no answer");
    }

    @Test
    void makesNoMoreThanTheClientTakes() throws IOException {
        export.isEndless = true;
        export.partitions.set(0, IntStream.range(0, 1_000).mapToObj(i -> row("acme", "user-" + i)).toList());
        try (Socket client = new Socket(api.server.uri().getHost(), api.server.port())) {
            client.getOutputStream()
                    .write(("GET /v1/usage/export HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + TOKEN
                            + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().read()).isEqualTo('H');
            AtomicInteger last = new AtomicInteger(-1);
            await().pollInterval(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(60))
                    .until(() -> last.getAndSet(export.asked.get()) == export.asked.get());
            assertThat(export.asked.get()).as("pieces that fill the buffers of the sockets").isLessThan(500);
        }
    }

    private RunningApi.Answer get(String query) {
        return api.get("/v1/usage/export" + query, "Authorization", TOKEN);
    }

    private static Row row(String tenant, String user) {
        return new Row(tenant, user, Samples.usage(3, 2));
    }
}
