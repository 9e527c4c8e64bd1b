package io.turnpike.telemetry.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigMemorySize;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.turnpike.contract.AddressBlockText;
import io.turnpike.contract.TailPercent;
import io.turnpike.contract.TenantName;
import io.turnpike.contract.WarnPercents;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.SecretAlgorithm;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Reads {@link TelemetryConfig}: defaults, then the file, then the environment; refuses what nobody reads. */
final class ConfigReader {
    private static final Duration SHORTEST_DEADLINE = Duration.ofMillis(100);
    /** Below the longest time of a request to the API. */
    private static final Duration LONGEST_DEADLINE = Duration.ofSeconds(10);

    private static final ConfigParseOptions MUST_EXIST = ConfigParseOptions.defaults().setAllowMissing(false);
    private static final String REFERENCE = "telemetry-reference.conf";
    private static final String ENVIRONMENT_PREFIX = "TURNPIKE_";

    private final Config config;

    private ConfigReader(Config config) {
        this.config = config;
    }

    static Config parse(Path file) {
        try {
            return ConfigFactory.parseFile(file.toFile(), MUST_EXIST);
        } catch (com.typesafe.config.ConfigException e) {
            throw new ConfigException("cannot read the configuration file " + file + ": " + e.getMessage(), e);
        }
    }

    static TelemetryConfig read(Config overrides, Map<String, String> environment) {
        Config reference = ConfigFactory.parseResources(ConfigReader.class.getClassLoader(), REFERENCE, MUST_EXIST);
        refuseUnknownKeys(reference, overrides);
        Config merged = environmentOverrides(reference, environment).withFallback(overrides).withFallback(reference)
                .resolve(ConfigResolveOptions.defaults());
        return new ConfigReader(merged).telemetry();
    }

    private TelemetryConfig telemetry() {
        return new TelemetryConfig(
                new TelemetryConfig.Kafka(text("kafka.bootstrap-servers"), integer("kafka.max-partitions", 1, 10_000),
                        integer("kafka.replication-factor", 1, 32)),
                text("application-id"), Path.of(text("state-dir")), clusterKey(), tenantId("default-tenant"),
                list("tenants").stream().map(ConfigReader::tenant).toList(),
                http(), auth(),
                new TelemetryConfig.Credentials(texts("credentials.urls")), defaultQuota(), webhooks(), streams());
    }

    private TelemetryConfig.Http http() {
        return new TelemetryConfig.Http(text("http.host"), integer("http.port", 0, 65_535),
                config.getIsNull("http.advertised-host")
                        ? Optional.empty()
                        : Optional.of(text("http.advertised-host")),
                duration("http.query-deadline", SHORTEST_DEADLINE, LONGEST_DEADLINE));
    }

    private TelemetryConfig.Auth auth() {
        return new TelemetryConfig.Auth(list("auth.operator-tokens").stream().map(at -> {
            at.only("name", "token");
            return new TelemetryConfig.OperatorToken(at.text("name"), at.text("token"));
        }).toList(), list("auth.tenant-tokens").stream().map(at -> {
            at.only("name", "token", "tenant");
            return new TelemetryConfig.TenantToken(at.text("name"), at.text("token"), at.tenantId("tenant"));
        }).toList(), value("auth.anonymous-read-on-loopback", config::getBoolean));
    }

    private TelemetryConfig.DefaultQuota defaultQuota() {
        return new TelemetryConfig.DefaultQuota(constant("quota.default.mode", QuotaMode.class, QuotaMode.UNKNOWN),
                constant("quota.default.period", QuotaPeriodKind.class, QuotaPeriodKind.UNKNOWN),
                zone("quota.default.time-zone"),
                config.getIsNull("quota.default.volume-bytes")
                        ? OptionalLong.empty()
                        : OptionalLong.of(bytes("quota.default.volume-bytes")),
                constant("quota.default.on-control-loss", OnControlLoss.class, OnControlLoss.UNKNOWN),
                warnPercents("quota.default.warn-percents"),
                integer("quota.default.tail-percent", 0, TailPercent.MOST));
    }

    private List<Integer> warnPercents(String key) {
        List<Integer> percents = value(key, config::getIntList);
        if (!WarnPercents.follow(percents)) {
            throw new ConfigException(key + " " + WarnPercents.RULE);
        }
        return percents;
    }

    private TelemetryConfig.Webhooks webhooks() {
        String blocks = "webhooks.allow-addresses";
        List<String> allowed = texts(blocks);
        if (allowed.size() > AddressBlockText.MOST || !allowed.stream().allMatch(AddressBlockText::isBlock)) {
            throw new ConfigException(blocks + " " + AddressBlockText.RULE);
        }
        Duration first = duration("webhooks.first-backoff");
        Duration longest = duration("webhooks.longest-backoff");
        if (longest.compareTo(first) < 0) {
            throw new ConfigException("webhooks.longest-backoff must not be shorter than webhooks.first-backoff");
        }
        return new TelemetryConfig.Webhooks(value("webhooks.allow-http", config::getBoolean), allowed,
                duration("webhooks.timeout"), first, longest, duration("webhooks.retry-for"));
    }

    private TelemetryConfig.Streams streams() {
        int threads = integer("streams.threads", 0, 1_024);
        return new TelemetryConfig.Streams(
                constant("streams.group-protocol", TelemetryConfig.GroupProtocol.class, null),
                duration("streams.commit-interval"),
                threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
                integer("streams.standby-replicas", 0, 32), integer("streams.warmup-replicas", 1, 1_000),
                duration("streams.session-timeout"),
                bytes("streams.rocksdb-memory-bytes"), bytes("streams.totals-memory-bytes"),
                duration("streams.close-timeout"),
                integer("streams.poison-alarm-per-minute", 1, Integer.MAX_VALUE),
                integer("streams.poison-records-per-minute", 0, Integer.MAX_VALUE));
    }

    private static TelemetryConfig.Tenant tenant(ConfigReader at) {
        at.only("id", "display-name", "channel-numbers", "secrets");
        String id = at.tenantId("id");
        return new TelemetryConfig.Tenant(id, at.config.hasPath("display-name") ? at.text("display-name") : id,
                at.config.hasPath("channel-numbers")
                        ? at.constant("channel-numbers", ChannelNumbers.class, ChannelNumbers.UNKNOWN)
                        : ChannelNumbers.RFC8656,
                at.config.hasPath("secrets")
                        ? at.list("secrets").stream().map(ConfigReader::secret).toList()
                        : List.of());
    }

    private static TelemetryConfig.Secret secret(ConfigReader at) {
        at.only("id", "algorithm", "secret");
        SecretAlgorithm algorithm = at.config.hasPath("algorithm")
                ? at.constant("algorithm", SecretAlgorithm.class, SecretAlgorithm.UNKNOWN)
                : SecretAlgorithm.HMAC_SHA1;
        return new TelemetryConfig.Secret(at.text("id"), algorithm, at.text("secret"));
    }

    private String clusterKey() {
        String key = text("cluster-key");
        try {
            if (Base64.getDecoder().decode(key).length == 32) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException("cluster-key is not base64", e);
        }
        throw new ConfigException("cluster-key must be 32 bytes in base64");
    }

    private String tenantId(String key) {
        String id = text(key);
        if (!TenantName.isTenantId(id)) {
            throw new ConfigException(key + " is not a tenant id (lower-case letters, digits, hyphens): " + id);
        }
        return id;
    }

    private ZoneId zone(String key) {
        try {
            return ZoneId.of(text(key));
        } catch (DateTimeException e) {
            throw new ConfigException(key + " is not an IANA time zone: " + text(key), e);
        }
    }

    private <E extends Enum<E>> E constant(String key, Class<E> type, E unknown) {
        List<E> allowed = Arrays.stream(type.getEnumConstants()).filter(each -> each != unknown).toList();
        String text = text(key).toUpperCase(Locale.ROOT).replace('-', '_');
        return allowed.stream().filter(each -> each.name().equals(text)).findFirst()
                .orElseThrow(() -> new ConfigException(key + " must be one of " + allowed + ", not " + text));
    }

    private int integer(String key, int least, int most) {
        return between(key, value(key, config::getInt), least, most);
    }

    private long bytes(String key) {
        return value(key, path -> {
            ConfigMemorySize size = config.getMemorySize(path);
            return size.toBytes();
        });
    }

    private Duration duration(String key) {
        Duration value = value(key, config::getDuration);
        if (value.isZero() || value.isNegative()) {
            throw new ConfigException(key + " must be longer than zero");
        }
        return value;
    }

    private Duration duration(String key, Duration least, Duration most) {
        return between(key, value(key, config::getDuration), least, most);
    }

    private static <T extends Comparable<T>> T between(String key, T value, T least, T most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new ConfigException(key + " must be between " + least + " and " + most + ", not " + value);
        }
        return value;
    }

    private String text(String key) {
        String text = value(key, config::getString);
        if (text.isBlank()) {
            throw new ConfigException(key + " is empty");
        }
        return text;
    }

    private List<String> texts(String key) {
        return value(key, config::getStringList);
    }

    private List<ConfigReader> list(String key) {
        return value(key, config::getConfigList).stream().map(each -> new ConfigReader(each)).toList();
    }

    private <T> T value(String key, Function<String, T> getter) {
        if (!config.hasPath(key)) {
            throw new ConfigException(key + " is required and has no default; set it in the configuration file or as "
                    + environmentName(key));
        }
        try {
            return getter.apply(key);
        } catch (com.typesafe.config.ConfigException e) {
            throw new ConfigException(key + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void only(String... keys) {
        Set<String> unknown = new TreeSet<>(config.root().keySet());
        unknown.removeAll(List.of(keys));
        if (!unknown.isEmpty()) {
            throw new ConfigException("unknown configuration key: " + unknown.iterator().next() + " at "
                    + config.origin().description());
        }
    }

    private static void refuseUnknownKeys(Config reference, Config overrides) {
        Set<String> known = new TreeSet<>(leaves(reference));
        for (String path : leaves(overrides)) {
            if (!known.contains(path)) {
                throw new ConfigException("unknown configuration key: " + path);
            }
        }
    }

    /** Paths of everything that is no object, nulls included. */
    private static List<String> leaves(Config config) {
        List<String> paths = new ArrayList<>();
        collect("", config.root(), paths);
        return paths;
    }

    private static void collect(String prefix, Map<String, ConfigValue> object, List<String> paths) {
        object.forEach((name, value) -> {
            if (value.valueType() == ConfigValueType.OBJECT) {
                collect(prefix + name + '.', asObject(value), paths);
            } else {
                paths.add(prefix + name);
            }
        });
    }

    private static Map<String, ConfigValue> asObject(ConfigValue value) {
        return (com.typesafe.config.ConfigObject) value;
    }

    private static Config environmentOverrides(Config reference, Map<String, String> environment) {
        Config overrides = ConfigFactory.empty();
        for (String path : leaves(reference)) {
            String text = environment.get(environmentName(path));
            if (text != null) {
                overrides = overrides.withFallback(setting(path, text, reference));
            }
        }
        return overrides;
    }

    private static Config setting(String path, String text, Config reference) {
        boolean structured = !reference.getIsNull(path)
                && reference.getValue(path).valueType() == ConfigValueType.LIST;
        return structured
                ? ConfigFactory.parseString(path + " = " + text)
                : ConfigFactory.empty().withValue(path, com.typesafe.config.ConfigValueFactory.fromAnyRef(text));
    }

    private static String environmentName(String path) {
        return ENVIRONMENT_PREFIX + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
