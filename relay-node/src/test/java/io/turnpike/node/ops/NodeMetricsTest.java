package io.turnpike.node.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NodeMetricsTest {
    private final NodeMetrics metrics = new NodeMetrics();

    @AfterEach
    void close() {
        metrics.close();
    }

    /** What scrapers see is the name of the catalogue, whatever conventions lie between. */
    @ParameterizedTest
    @EnumSource(NodeMetric.class)
    void exposesEveryMetricUnderItsCatalogueNameAndKind(NodeMetric metric) {
        if (metric.kind() != NodeMetric.Kind.HISTOGRAM && !metric.labels().isEmpty()) {
            metrics.observe(metric, () -> 0, metric.labels().stream().map(label -> "x").toArray(String[]::new));
        }
        String kind = switch (metric.kind()) {
            case COUNTER -> "counter";
            case GAUGE -> "gauge";
            case HISTOGRAM -> "histogram";
        };

        assertThat(metrics.scrape().lines()).contains("# TYPE " + metric.exposedName() + ' ' + kind,
                "# HELP " + metric.exposedName() + ' ' + metric.help());
    }

    @ParameterizedTest
    @EnumSource(NodeMetric.class)
    void namesCountersAndTimesByPrometheusRules(NodeMetric metric) {
        assertThat(metric.exposedName()).matches("turn_[a-z_]+");
        assertThat(metric.exposedName().endsWith("_total")).isEqualTo(metric.kind() == NodeMetric.Kind.COUNTER);
        assertThat(metric.kind() != NodeMetric.Kind.HISTOGRAM || metric.exposedName().endsWith("_seconds")).isTrue();
        assertThat(metric.labels()).doesNotContain("user", "allocation", "username", "address");
    }

    @Test
    void showsEverySeriesOfKnownLabelsAtZeroFromTheStart() {
        metrics.expect(NodeMetric.DROPPED_PACKETS, List.of("no_allocation"));

        assertThat(metrics.scrape().lines()).contains("turn_relay_bytes_total{direction=\"rx\",leg=\"client\"} 0.0",
                "turn_relay_bytes_total{direction=\"tx\",leg=\"peer\"} 0.0",
                "turn_relay_dropped_packets_total{reason=\"no_allocation\"} 0.0",
                "turn_relay_allocations{transport=\"udp\"} 0.0", "turn_relay_auth_failures_total{code=\"401\"} 0.0",
                "turn_relay_allocation_requests_total{code=\"486\",result=\"error\"} 0.0",
                "turn_relay_allocation_requests_total{code=\"0\",result=\"success\"} 0.0", "turn_relay_channels 0.0",
                "turn_quota_control_connected 0.0", "turn_relay_allocation_duration_seconds_count 0",
                "turn_telemetry_send_latency_seconds_count 0", "turn_relay_time_to_media_seconds_count 0");
    }

    @Test
    void addsUpTheSourcesOfAllEventLoopsAtScrapeTime() {
        AtomicLong first = new AtomicLong();
        AtomicLong second = new AtomicLong();
        metrics.observe(NodeMetric.BYTES, first::doubleValue, "client", "rx");
        metrics.observe(NodeMetric.BYTES, second::doubleValue, "client", "rx");
        first.set(1_000);
        second.set(234);

        assertThat(metrics.scrape()).contains("turn_relay_bytes_total{direction=\"rx\",leg=\"client\"} 1234.0");
    }

    @Test
    void countsEventsAndMeasuresTimes() {
        metrics.increment(NodeMetric.AUTH_FAILURES, "401");
        metrics.increment(NodeMetric.AUTH_FAILURES, 2L, "401");
        metrics.record(NodeMetric.ALLOCATION_DURATION, Duration.ofSeconds(90));

        assertThat(metrics.scrape()).contains("turn_relay_auth_failures_total{code=\"401\"} 3.0",
                "turn_relay_allocation_duration_seconds_count 1", "turn_relay_allocation_duration_seconds_sum 90.0",
                "turn_relay_allocation_duration_seconds_bucket{le=\"60.0\"} 0",
                "turn_relay_allocation_duration_seconds_bucket{le=\"600.0\"} 1");
    }

    /** Micrometer holds what it observes weakly; a series must not vanish with a collection. */
    @Test
    void keepsItsSourcesAliveOverAGarbageCollection() {
        metrics.observe(NodeMetric.TELEMETRY_QUEUE, new AtomicLong(7)::doubleValue);
        List<byte[]> garbage = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            garbage.add(new byte[1 << 20]);
        }
        garbage.clear();
        System.gc();

        assertThat(metrics.scrape()).contains("turn_telemetry_queue_records 7.0");
    }

    @Test
    void givesTheFirst200TenantsTheirOwnLabelAndTheRestOther() {
        for (int i = 0; i < 250; i++) {
            metrics.increment(NodeMetric.QUOTA_REJECTED, "tenant-" + i);
        }
        metrics.increment(NodeMetric.QUOTA_REJECTED, "tenant-0");

        String scrape = metrics.scrape();
        assertThat(scrape).contains("turn_quota_rejected_allocations_total{tenant=\"tenant-0\"} 2.0",
                "turn_quota_rejected_allocations_total{tenant=\"tenant-199\"} 1.0",
                "turn_quota_rejected_allocations_total{tenant=\"other\"} 50.0").doesNotContain("tenant-200");
        assertThat(scrape.lines().filter(line -> line.startsWith("turn_quota_rejected_allocations_total{")))
                .hasSize(201);
    }

    @Test
    void refusesLabelsThatTheMetricDoesNotHave() {
        assertThatThrownBy(() -> metrics.increment(NodeMetric.AUTH_FAILURES)).hasMessageContaining("[code]");
        assertThatThrownBy(() -> metrics.increment(NodeMetric.CHANNELS)).hasMessageContaining("CHANNELS");
        assertThatThrownBy(() -> metrics.increment(NodeMetric.AUTH_FAILURES, -1L, "401"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> metrics.record(NodeMetric.CHANNELS, Duration.ZERO)).hasMessageContaining("CHANNELS");
    }

    /** If this fails, run the main method of MetricsPage in the repository's root. */
    @Test
    void isWhatTheMetricsPageSays() throws IOException {
        String page = Files.readString(Path.of("..").resolve(MetricsPage.FILE));

        assertThat(MetricsPage.partOf(page)).isEqualTo(MetricsPage.render());
    }
}
