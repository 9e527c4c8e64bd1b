package io.turnpike.node.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.DoubleSupplier;

/**
 * The series of {@link NodeMetric} on Micrometer, exposed in Prometheus' text format. Hot counters are read at scrape
 * time from where they are kept ({@link #observe}); rare events are counted here ({@link #increment}). All series exist
 * at 0 from the start: those of labels with open or foreign values through {@link #expect}. Thread-safe.
 */
public final class NodeMetrics implements AutoCloseable {
    private static final Duration[] BUCKETS = {Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(10),
        Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(500),
        Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMinutes(1),
        Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofHours(6)};

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final TenantLabels tenants = new TenantLabels();
    private final Map<SeriesKey, Series> series = new ConcurrentHashMap<>();
    private final Map<NodeMetric, Timer> timers = new EnumMap<>(NodeMetric.class);

    /** Makes every series whose label values are known here, at 0. */
    public NodeMetrics() {
        for (NodeMetric metric : NodeMetric.values()) {
            if (metric.kind() == NodeMetric.Kind.HISTOGRAM) {
                timers.put(metric, newTimer(metric));
            } else {
                metric.knownSeries().forEach(labelValues -> series(metric, labelValues));
            }
        }
    }

    /**
     * Makes the series of a label whose values another package knows, at 0.
     *
     * @param values values of the metric's only label, such as every drop reason
     */
    public void expect(NodeMetric metric, Collection<String> values) {
        values.forEach(value -> series(metric, List.of(value)));
    }

    /** Counts one event. */
    public void increment(NodeMetric counter, String... labelValues) {
        increment(counter, 1L, labelValues);
    }

    /** Counts an amount of at least 0. */
    public void increment(NodeMetric counter, long amount, String... labelValues) {
        if (counter.kind() != NodeMetric.Kind.COUNTER || amount < 0) {
            throw new IllegalArgumentException(counter + " cannot grow by " + amount);
        }
        series(counter, List.of(labelValues)).counted.add(amount);
    }

    /** Takes one measurement of a histogram. */
    public void record(NodeMetric histogram, Duration measured) {
        Timer timer = timers.get(histogram);
        if (timer == null) {
            throw new IllegalArgumentException(histogram + " is no histogram");
        }
        timer.record(measured);
    }

    /**
     * Reads a gauge or counter at scrape time. Several sources of one series, such as one for each event loop, are added
     * up.
     *
     * @param source asked from the scraping thread; of a counter it only grows
     */
    public void observe(NodeMetric metric, DoubleSupplier source, String... labelValues) {
        series(metric, List.of(labelValues)).sources.add(source);
    }

    /** Everything in Prometheus' text format. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }

    private Series series(NodeMetric metric, List<String> labelValues) {
        if (metric.kind() == NodeMetric.Kind.HISTOGRAM || labelValues.size() != metric.labels().size()) {
            throw new IllegalArgumentException(metric + " has the labels " + metric.labels() + ", not " + labelValues);
        }
        boolean ofTenant = metric.labels().contains(NodeMetric.TENANT_LABEL);
        List<String> bounded = ofTenant ? List.of(tenants.of(labelValues.get(0))) : labelValues;
        return series.computeIfAbsent(new SeriesKey(metric, bounded), this::newSeries);
    }

    private Series newSeries(SeriesKey key) {
        Series made = new Series(new DoubleAdder(), new ConcurrentLinkedQueue<>());
        Tags tags = Tags.empty();
        for (int i = 0; i < key.labelValues.size(); i++) {
            tags = tags.and(key.metric.labels().get(i), key.labelValues.get(i));
        }
        switch (key.metric.kind()) {
            case COUNTER -> FunctionCounter.builder(key.metric.exposedName(), made, Series::value)
                    .description(key.metric.help()).tags(tags).register(registry);
            case GAUGE -> Gauge.builder(key.metric.exposedName(), made, Series::value).description(key.metric.help())
                    .tags(tags).register(registry);
            case HISTOGRAM -> throw new IllegalStateException("a histogram is a timer: " + key.metric);
        }
        return made;
    }

    private Timer newTimer(NodeMetric histogram) {
        return Timer.builder(histogram.exposedName()).description(histogram.help()).serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private record SeriesKey(NodeMetric metric, List<String> labelValues) {}

    /** What a series sums up; the map of series holds it, because Micrometer itself holds it only weakly. */
    private record Series(DoubleAdder counted, Collection<DoubleSupplier> sources) {
        double value() {
            return counted.sum() + sources.stream().mapToDouble(DoubleSupplier::getAsDouble).sum();
        }
    }
}
