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
import io.turnpike.telemetry.cluster.ClusterPartitions;
import io.turnpike.telemetry.cluster.Instance;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.query.CompleteHours;
import io.turnpike.telemetry.query.CompletenessQueries;
import io.turnpike.telemetry.query.KafkaLetters;
import io.turnpike.telemetry.query.StoredAllocations;
import io.turnpike.telemetry.query.StoredCompleteness;
import io.turnpike.telemetry.query.StoredNodes;
import io.turnpike.telemetry.query.StoredOutcomes;
import io.turnpike.telemetry.query.StoredUsage;
import io.turnpike.telemetry.webhook.AddressBlock;
import io.turnpike.telemetry.webhook.TargetRules;
import io.turnpike.telemetry.webhook.WebhookSettings;
import io.turnpike.telemetry.webhook.Webhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
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
    private final ClusterPartitions partitions;
    private final LedgerDoor ledger;
    private final Webhooks webhooks;
    private final CompletenessQueries completeness;
    private final CompleteHours completeHours;
    private final ApiServer api;
    private final InetSocketAddress httpAddress;

    private TelemetryApp(TelemetryConfig config) {
        Clock clock = Clock.systemUTC();
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        TelemetryMetrics metrics = new TelemetryMetrics(registry);
        QuotaPolicy defaultPolicy = defaultPolicy(config.quotaDefault());
        WebhookSettings webhookSettings = webhookSettings(config.webhooks());
        String reachedAt = reachedAt(config.http());
        Map<String, Object> kafka = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                config.kafka().bootstrapServers());
        stream = new StreamRunner(config, defaultPolicy, metrics);
        partitions = new ClusterPartitions(stream, config.clusterKey(), config.http().queryDeadline(), metrics, clock);
        completeness = new StoredCompleteness(partitions, clock);
        completeHours = new CompleteHours(completeness, stream::usageAsOf, registry, clock);
        ledger = LedgerDoor.open(kafka, defaultPolicy, partitions, clock);
        webhooks = Webhooks.start(kafka, config.applicationId() + "-webhooks", webhookSettings,
                SecretSeal.withKey(config.clusterKey()), ledger.commands(),
                () -> stream.partitions(Topic.QUOTA_AUDIT), registry, clock);
        try {
            api = startApi(config, sources(new KafkaLetters(kafka, config.applicationId(), clock), metrics, clock),
                    webhookSettings.targets());
        } catch (IOException e) {
            webhooks.close();
            ledger.close();
            partitions.close();
            stream.close();
            throw new UncheckedIOException("http.host, http.port: " + e.getMessage(), e);
        }
        httpAddress = new InetSocketAddress(config.http().host(), api.port());
        stream.start(new Instance(reachedAt, api.port()), completeHours::isComplete);
        completeHours.start();
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
        webhooks.close();
        ledger.close();
        completeHours.close();
        partitions.close();
        stream.close();
        registry.close();
    }

    private ApiSources sources(KafkaLetters letters, TelemetryMetrics metrics, Clock clock) {
        StoredUsage usage = new StoredUsage(partitions);
        return new ApiSources(usage, usage, new StoredAllocations(partitions),
                new StoredOutcomes(partitions), new StoredNodes(partitions), completeness, ledger.tenants(), webhooks,
                ledger.commands(), letters,
                partitions.service(), metrics.registry(), registry::scrape, stream::readiness, clock);
    }

    /** The host on which the API listens, unless the configuration knows a better one for the other instances. */
    private static String reachedAt(TelemetryConfig.Http http) {
        return http.advertisedHost().orElseGet(() -> isWildcard(http.host()) ? hostName() : http.host());
    }

    private static boolean isWildcard(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw new UncheckedIOException("http.advertised-host is needed: this host has no name", e);
        }
    }

    private static ApiServer startApi(TelemetryConfig config, ApiSources sources, TargetRules targets)
            throws IOException {
        return ApiServer.start(new ApiConfig(config.http().host(), config.http().port(),
                tokens(config.auth()),
                config.auth().anonymousReadOnLoopback(), config.credentials().urls(),
                SecretSeal.withKey(config.clusterKey()), COMMAND_TIMEOUT, targets::refusal), sources);
    }

    private static WebhookSettings webhookSettings(TelemetryConfig.Webhooks config) {
        return new WebhookSettings(
                new TargetRules(config.allowHttp(),
                        config.allowAddresses().stream().map(AddressBlock::parse).toList()),
                config.timeout(), config.firstBackoff(), config.longestBackoff(), config.retryFor());
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
