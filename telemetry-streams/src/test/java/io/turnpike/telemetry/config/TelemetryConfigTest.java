package io.turnpike.telemetry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.SecretAlgorithm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TelemetryConfigTest {
    private static final String REQUIRED = """
            cluster-key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            quota.default.mode = OFF
            """;

    @Test
    void readsDefaultsAndOverrides() {
        TelemetryConfig config = read(REQUIRED + """
                kafka { bootstrap-servers = "kafka:9092", max-partitions = 4 }
                auth.operator-tokens = [{ name = ops, token = t0ken }]
                tenants = [{ id = demo, channel-numbers = RFC5766, secrets = [{ id = k1, secret = s3cret }] }]
                quota.default.volume-bytes = 5 MiB
                """, Map.of());

        assertThat(config.kafka()).isEqualTo(new TelemetryConfig.Kafka("kafka:9092", 4, 1));
        assertThat(config.quotaDefault().mode()).isEqualTo(QuotaMode.OFF);
        assertThat(config.quotaDefault().volumeBytes()).hasValue(5 << 20);
        assertThat(config.quotaDefault().warnPercents()).containsExactly(80);
        assertThat(config.quotaDefault().tailPercent()).isOne();
        assertThat(config.streams().commitInterval()).isEqualTo(Duration.ofMillis(100));
        assertThat(config.tenants()).isEqualTo(List.of(new TelemetryConfig.Tenant("demo", "demo",
                ChannelNumbers.RFC5766,
                List.of(new TelemetryConfig.Secret("k1", SecretAlgorithm.HMAC_SHA1, "s3cret")))));
    }

    @Test
    void theEnvironmentWins() {
        TelemetryConfig config = read(REQUIRED + "http.port = 1", Map.of("TURNPIKE_HTTP_PORT", "8081",
                "TURNPIKE_KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2", "TURNPIKE_STREAMS_COMMIT_INTERVAL", "50 ms",
                "TURNPIKE_CREDENTIALS_URLS", "[\"turn:a\", \"turn:b\"]", "TURNPIKE_QUOTA_DEFAULT_MODE", "HARD",
                "TURNPIKE_QUOTA_DEFAULT_WARN_PERCENTS", "[50, 95]"));

        assertThat(config.http().port()).isEqualTo(8081);
        assertThat(config.kafka().bootstrapServers()).isEqualTo("a:1,b:2");
        assertThat(config.streams().commitInterval()).isEqualTo(Duration.ofMillis(50));
        assertThat(config.credentials().urls()).containsExactly("turn:a", "turn:b");
        assertThat(config.quotaDefault().mode()).isEqualTo(QuotaMode.HARD);
        assertThat(config.quotaDefault().warnPercents()).containsExactly(50, 95);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"http.prot = 8080 | http.prot",
        "kafak.max-partitions = 3 | kafak.max-partitions",
        "tenants = [{ id = a, colour = red }] | colour", "http.port = 70000 | http.port",
        "http.port = often | http.port", "quota.default.mode = MAYBE | quota.default.mode",
        "quota.default.mode = UNKNOWN | quota.default.mode",
        "quota.default.warn-percents = [95, 80] | quota.default.warn-percents",
        "quota.default.time-zone = Mars | time-zone",
        "cluster-key = short | cluster-key", "default-tenant = Not_A_Tenant | default-tenant",
        "streams.commit-interval = 0 ms | streams.commit-interval", "http = 5 | http",
        "http.query-deadline = 99 ms | http.query-deadline", "http.query-deadline = 11 s | http.query-deadline",
        "quota.default.tail-percent = 51 | quota.default.tail-percent",
        "streams.group-protocol = NONE | streams.group-protocol",
        "webhooks.allow-addresses = [nowhere] | webhooks.allow-addresses",
        "webhooks.longest-backoff = 1 ms | webhooks.longest-backoff"})
    void refusesNonsenseAndNamesTheKey(String line, String key) {
        assertThatThrownBy(() -> read(REQUIRED + line, Map.of())).isInstanceOf(ConfigException.class)
                .hasMessageContaining(key);
    }

    @ParameterizedTest
    @CsvSource({"quota.default.mode,TURNPIKE_QUOTA_DEFAULT_MODE", "cluster-key,TURNPIKE_CLUSTER_KEY"})
    void asksForWhatHasNoDefault(String key, String variable) {
        String without = REQUIRED.lines().filter(line -> !line.startsWith(key)).reduce("", (a, b) -> a + b + '\n');

        assertThatThrownBy(() -> read(without, Map.of())).isInstanceOf(ConfigException.class)
                .hasMessageContaining(key).hasMessageContaining(variable);
    }

    @Test
    void namesAFileThatIsMissing() {
        assertThatThrownBy(() -> TelemetryConfig.load(Path.of("no-such-file.conf")))
                .isInstanceOf(ConfigException.class).hasMessageContaining("no-such-file.conf");
    }

    @Test
    void printsNoSecret() {
        TelemetryConfig config = read(REQUIRED + """
                auth.operator-tokens = [{ name = ops, token = t0ken }]
                tenants = [{ id = demo, secrets = [{ id = k1, secret = s3cret }] }]
                """, Map.of());

        assertThat(config + " " + config.auth() + config.tenants()).doesNotContain("t0ken", "s3cret", "AAAA");
    }

    private static TelemetryConfig read(String text, Map<String, String> environment) {
        return ConfigReader.read(ConfigFactory.parseString(text), environment);
    }
}
