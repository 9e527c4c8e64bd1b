package io.turnpike.telemetry;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.telemetry.api.ApiConfig;
import io.turnpike.telemetry.api.ApiServer;
import io.turnpike.telemetry.api.ApiSources;
import io.turnpike.telemetry.api.ApiToken;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.StoreReader;
import io.turnpike.telemetry.query.StoredAllocations;
import io.turnpike.telemetry.query.StoredNodes;
import io.turnpike.telemetry.query.StoredOutcomes;
import io.turnpike.telemetry.query.StoredUsage;
import io.turnpike.telemetry.topology.TelemetryTopology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The telemetry application in one process: stream, queries and the HTTP API, in the order in which they start. Kafka may
 * be away at any time: the process stays up and health says so.
 */
public final class TelemetryApp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TelemetryApp.class);
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);

    private final PrometheusMeterRegistry registry;
    private final StreamRunner stream;
    private final LedgerDoor ledger;
    private final ApiServer api;
    private final InetSocketAddress httpAddress;

    private TelemetryApp(TelemetryConfig config) {
        Clock clock = Clock.systemUTC();
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        TelemetryMetrics metrics = new TelemetryMetrics(registry);
        QuotaPolicy defaultPolicy = defaultPolicy(config.quotaDefault());
        stream = new StreamRunner(config, defaultPolicy, metrics);
        StoreReader stores = new StoreReader(stream::streams, metrics, clock);
        ledger = LedgerDoor.open(config, defaultPolicy, stores, stream, clock);
        try {
            api = startApi(config, sources(config, stores, metrics, clock));
        } catch (IOException e) {
            ledger.close();
            stream.close();
            throw new UncheckedIOException("http.host, http.port: " + e.getMessage(), e);
        }
        httpAddress = new InetSocketAddress(config.http().host(), api.port());
        stream.start();
        ledger.seed(config);
        LOG.info("telemetry serves http={}", httpAddress);
    }

    /**
     * Starts everything that needs no Kafka and returns; the rest starts as soon as Kafka answers.
     *
     * @throws UncheckedIOException if the HTTP address cannot be listened on; the message names {@code http.port}
     */
    public static TelemetryApp start(TelemetryConfig config) {
        return new TelemetryApp(config);
    }

    /** Where the API listens. */
    public InetSocketAddress httpAddress() {
        return httpAddress;
    }

    /** Whether Kafka answers, the stores are restored, and queries are answered. */
    public boolean isReady() {
        return stream.readiness().ready();
    }

    /** What it is waiting for, for people; empty if ready. */
    public String waitingFor() {
        return stream.readiness().detail();
    }

    /** Ends API, stream and clients in this order, within {@code streams.close-timeout} and a little. */
    @Override
    public void close() {
        api.close();
        ledger.close();
        stream.close();
        registry.close();
    }

    private ApiSources sources(TelemetryConfig config, StoreReader stores, TelemetryMetrics metrics, Clock clock) {
        String byUser = TelemetryTopology.repartitionTopic(config.applicationId(), TelemetryTopology.USAGE_BY_USER);
        String byTenant = TelemetryTopology.repartitionTopic(config.applicationId(),
                TelemetryTopology.USAGE_BY_TENANT);
        return new ApiSources(
                new StoredUsage(stores, () -> usageFreshness(stores, byUser, Topic.ALLOCATION),
                        () -> usageFreshness(stores, byTenant, Topic.TENANT_USAGE)),
                new StoredAllocations(stores, Topic.ALLOCATION.topicName(),
                        () -> sessionFreshness(stores, Topic.ALLOCATION)),
                new StoredOutcomes(stores, () -> usageFreshness(stores, byTenant, Topic.TENANT_USAGE)),
                new StoredNodes(stores, () -> sessionFreshness(stores, Topic.NODE)), ledger.tenants(),
                ledger.commands(), metrics.registry(), registry::scrape, stream::readiness, clock);
    }

    /** The topic between the steps has as many partitions as the one that it is named after. */
    private Freshness usageFreshness(StoreReader stores, String topic, Topic like) {
        return stores.freshness(topic, stream.partitions(like), stream.usageAsOf());
    }

    private Freshness sessionFreshness(StoreReader stores, Topic topic) {
        return stores.freshness(topic.topicName(), stream.partitions(topic), stream.sessionsAsOf());
    }

    private static ApiServer startApi(TelemetryConfig config, ApiSources sources) throws IOException {
        return ApiServer.start(new ApiConfig(config.http().host(), config.http().port(),
                tokens(config.auth()),
                config.auth().anonymousReadOnLoopback(), config.credentials().urls(),
                SecretSeal.withKey(config.clusterKey()), COMMAND_TIMEOUT), sources);
    }

    private static List<ApiToken> tokens(TelemetryConfig.Auth auth) {
        return Stream.concat(auth.operatorTokens().stream().map(each -> ApiToken.operator(each.name(), each.token())),
                auth.tenantTokens().stream().map(each -> ApiToken.tenant(each.name(), each.token(), each.tenantId())))
                .toList();
    }

    private static QuotaPolicy defaultPolicy(TelemetryConfig.DefaultQuota quota) {
        return QuotaPolicy.newBuilder().setTenantId("").setPolicyEpoch(0).setMode(quota.mode())
                .setPeriod(quota.period()).setTimeZone(quota.timeZone().getId())
                .setVolumeBytes(quota.volumeBytes().isPresent() ? quota.volumeBytes().getAsLong() : null)
                .setRateBitsPerSecond(null).setMaxAllocations(null).setMaxAllocationsPerUser(null)
                .setOnControlLoss(quota.onControlLoss()).setWarnPercents(quota.warnPercents())
                .setTailPercent(quota.tailPercent())
                .setUpdatedAt(Instant.EPOCH).build();
    }
}
