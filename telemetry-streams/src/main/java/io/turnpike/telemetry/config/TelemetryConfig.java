package io.turnpike.telemetry.config;

import com.typesafe.config.Config;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.SecretAlgorithm;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The whole configuration of the telemetry application. Each component takes its own part. Keys, units and defaults
 * are in {@code telemetry-reference.conf}.
 *
 * @param applicationId Kafka Streams' application id
 * @param stateDir folder for the local copies of the stores
 * @param clusterKey 32 bytes in base64
 * @param defaultTenant tenant of user names that name none
 * @param tenants tenants that exist from the first start
 * @param quotaDefault policy of a tenant that has none
 * @param webhooks how audits are sent
 */
public record TelemetryConfig(Kafka kafka, String applicationId, Path stateDir, String clusterKey,
        String defaultTenant, List<Tenant> tenants, Http http, Auth auth, Credentials credentials,
        DefaultQuota quotaDefault, Webhooks webhooks, Streams streams) {

    /** Where Kafka is and how topics are made. */
    public record Kafka(String bootstrapServers, int maxPartitions, int replicationFactor) {}

    /**
     * Where the API listens.
     *
     * @param port port, 0 for a free one
     * @param advertisedHost by which other instances reach it, if not by the host
     * @param queryDeadline how long a question may take over all instances
     */
    public record Http(String host, int port, Optional<String> advertisedHost, Duration queryDeadline) {}

    /** Who may call the API. */
    public record Auth(List<OperatorToken> operatorTokens, List<TenantToken> tenantTokens,
            boolean anonymousReadOnLoopback) {}

    /** A bearer token that may do everything; the name appears in audits, the token nowhere. */
    public record OperatorToken(String name, String token) {
        @Override
        public String toString() {
            return "OperatorToken[" + name + "]";
        }
    }

    /** A bearer token that may read one tenant and mint its credentials. */
    public record TenantToken(String name, String token, String tenantId) {
        @Override
        public String toString() {
            return "TenantToken[" + name + ", " + tenantId + "]";
        }
    }

    /** What minted credentials point to. */
    public record Credentials(List<String> urls) {}

    /** A tenant that exists from the first start. */
    public record Tenant(String id, String displayName, ChannelNumbers channelNumbers, List<Secret> secrets) {}

    /** A shared secret of a configured tenant, in the clear. */
    public record Secret(String id, SecretAlgorithm algorithm, String secret) {
        @Override
        public String toString() {
            return "Secret[" + id + "]";
        }
    }

    /** The policy of a tenant that has none. */
    public record DefaultQuota(QuotaMode mode, QuotaPeriodKind period, ZoneId timeZone, OptionalLong volumeBytes,
            OnControlLoss onControlLoss, List<Integer> warnPercents, int tailPercent) {}

    /** Who deals out the work of the group. */
    public enum GroupProtocol {
        /** One of the instances (the classic rebalance protocol). */
        CLASSIC,
        /** The broker (KIP-1071). */
        STREAMS
    }

    /** How audits are sent to the webhooks of tenants; blocks are texts that are address blocks. */
    public record Webhooks(boolean allowHttp, List<String> allowAddresses, Duration timeout, Duration firstBackoff,
            Duration longestBackoff, Duration retryFor) {}

    /** How the stream threads run. */
    public record Streams(GroupProtocol groupProtocol, Duration commitInterval, int threads, int standbyReplicas,
            int warmupReplicas, Duration sessionTimeout, long rocksdbMemoryBytes, long totalsMemoryBytes,
            Duration closeTimeout,
            int poisonAlarmPerMinute, int poisonRecordsPerMinute) {}

    /**
     * Reads a file over the defaults, and the environment over both.
     *
     * @throws ConfigException if a key is unknown, missing or holds nonsense
     */
    public static TelemetryConfig load(Path file) {
        return load(ConfigReader.parse(file));
    }

    /**
     * Reads settings over the defaults, and the environment over both.
     *
     * @throws ConfigException if a key is unknown, missing or holds nonsense
     */
    public static TelemetryConfig load(Config overrides) {
        return ConfigReader.read(overrides, System.getenv());
    }

    @Override
    public String toString() {
        return "TelemetryConfig[" + applicationId + ", " + kafka + ", " + http + "]";
    }
}
