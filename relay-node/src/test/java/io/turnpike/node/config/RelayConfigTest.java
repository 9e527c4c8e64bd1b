package io.turnpike.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueType;
import io.turnpike.node.config.AlternateConfig;
import io.turnpike.node.config.BillableRule;
import io.turnpike.node.config.ChannelNumbers;
import io.turnpike.node.config.RelayConfig.ListenerConfig;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import io.turnpike.node.config.OnControlLoss;
import io.turnpike.node.config.QuotaMode;
import io.turnpike.node.config.QuotaPeriodKind;
import io.turnpike.node.config.SecretAlgorithm;
import io.turnpike.node.config.TenantSecretConfig;
import io.turnpike.node.config.RelayConfig.TransportKind;
import io.turnpike.node.config.UserConfig;
import io.turnpike.node.config.TlsConfig.CertificateFiles;
import io.turnpike.node.config.TlsConfig.NamedCertificate;
import io.turnpike.node.config.TlsConfig.TlsProvider;
import io.turnpike.node.event.ClientTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelayConfigTest {
    private static final String CLUSTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private static final String REQUIRED = "node.id = n1, cluster-key = \"" + CLUSTER_KEY
            + "\", quota.default.mode = OFF\n";

    @Test
    void hasDefaultsThatKeepToLoopback() {
        RelayConfig config = load("");

        assertThat(config.listeners()).containsExactly(new ListenerConfig(ListenerTransport.UDP, "127.0.0.1", 3_478),
                new ListenerConfig(ListenerTransport.TCP, "127.0.0.1", 3_478));
        assertThat(config.relay().ipv4()).contains("127.0.0.1");
        assertThat(config.relay().ipv6()).isEmpty();
        assertThat(config.admin().host()).isEqualTo("127.0.0.1");
        assertThat(config.peers().allow()).isEmpty();
        assertThat(config.allocation().defaultLifetime()).isEqualTo(Duration.ofSeconds(600));
        assertThat(config.relay().portRest()).isEqualTo(Duration.ofSeconds(120));
        assertThat(config.quota().admissionTimeout()).isEqualTo(Duration.ofMillis(400));
        assertThat(config.quota().defaultPolicy().onControlLoss()).isEqualTo(OnControlLoss.STOP);
        assertThat(config.transport()).isEqualTo(TransportKind.AUTO);
    }

    @ParameterizedTest
    @CsvSource({"node.id, TURNPIKE_NODE_ID", "quota.default.mode, TURNPIKE_QUOTA_DEFAULT_MODE"})
    void refusesToStartWithoutTheRequiredKeys(String key, String environment) {
        Config without = ConfigFactory.parseString(REQUIRED).withoutPath(key);

        assertThatThrownBy(() -> RelayConfig.load(without)).isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(key + " is required").hasMessageContaining(environment);
    }

    @Test
    void wantsAClusterKeyOnlyWithKafka() {
        Config without = ConfigFactory.parseString(REQUIRED).withoutPath("cluster-key");

        assertThatThrownBy(() -> RelayConfig.load(without)).hasMessageStartingWith("cluster-key is required");
        assertThat(RelayConfig.load(ConfigFactory.parseString("kafka.enabled = false").withFallback(without))
                .clusterKey()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"typo = 1, typo", "relay.ipv5 = x, relay.ipv5", "quota.default.rate = 1, quota.default.rate",
        "auth.nonce.keys = [], auth.nonce", "listeners.udp = 1, listeners", "kafka.retries = 1, kafka.retries"})
    void refusesAnUnknownKeyByName(String line, String key) {
        assertThatThrownBy(() -> load(line)).isInstanceOf(InvalidConfigException.class).hasMessageContaining(key);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "listeners = [{ transport = udp, host = 127.0.0.1, prot = 1 }] | listeners.0.prot",
        "tenants = [{ id = a }, { id = b, secret = x }] | tenants.1.secret",
        "tenants = [{ id = a, secrets = [{ id = k, secret = x, alg = y }] }] | tenants.0.secrets.0.alg",
        "auth.users = [{ name = a, password = b }] | auth.users.0.name"})
    void refusesAnUnknownKeyInAListEntryByName(String line, String key) {
        assertThatThrownBy(() -> load(line)).isInstanceOf(InvalidConfigException.class)
                .hasMessage("unknown configuration key: " + key);
    }

    @Test
    void namesTheKeyOfEveryWrongType() {
        for (Map.Entry<String, ConfigValueType> key : KnownKeys.of(ConfigReader.reference()).types().entrySet()) {
            String wrong = key.getValue() == ConfigValueType.LIST ? "no list" : "[[1]]";
            String line = key.getKey() + " = " + (wrong.startsWith("[") ? wrong : '"' + wrong + '"');
            assertThatThrownBy(() -> load(line)).as(line).isInstanceOf(InvalidConfigException.class)
                    .hasMessageStartingWith(key.getKey());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"realm = \"a\\\"b\"", "default-tenant = Demo", "cluster-key = \"c2hvcnQ=\"",
        "cluster-key = \"not base64!\"", "event-loops = -1", "event-loops = 1.5", "event-loops = many",
        "transport = kqueue", "listeners = []", "listeners = [{ transport = sctp, host = 127.0.0.1, port = 1 }]",
        "listeners = [{ transport = udp, host = localhost, port = 1 }]",
        "listeners = [{ transport = udp, host = 127.0.0.1, port = 65536 }]",
        "listeners = [{ transport = udp, host = 127.0.0.1 }]",
        "listeners = [{ transport = udp, host = 127.0.0.1, port = 1, proxy-protocol = true }]",
        "listeners = [{ transport = tcp, host = 127.0.0.1, port = 1, tenant = A }]",
        "tls.certificates = [{ server-names = [a], certificate = a, private-key = b }]",
        "tls.provider = nss", "tls.handshake-timeout = 0s", "tls.reload-interval = 0s", "tls.max-handshakes = 0",
        "tls.max-handshakes-per-network = 2049", "stream.max-newcomers = 0",
        "stream.max-newcomers-per-network = 16385", "stream.first-message-timeout = 61s",
        "stream.newcomer-timeout = 1s", "stream.queue-time = 1m", "stream.queue-bytes = 1KiB",
        "dtls.max-handshakes = 0", "dtls.max-handshakes = 4097", "dtls.max-handshakes-per-network = 513",
        "dtls.max-newcomers = 0", "dtls.max-newcomers-per-network = 16385", "dtls.newcomer-timeout = 1s",
        "listeners = [{ transport = tcp, host = 127.0.0.1, port = 1, proxy-protocol-from = [10.0.0.0/8] }]",
        "listeners = [{ transport = tcp, host = 127.0.0.1, port = 1, proxy-protocol = true, proxy-protocol-from = [x] }]",
        "relay.ipv4 = \"::1\"", "relay.ipv6 = 127.0.0.1",
        "relay.ipv4 = \"0.0.0.0,192.0.2.1\"", "relay.ipv6 = \"2001:db8::1,2001:db8:0::1\"",
        "relay.ipv4 = \"192.0.2.1,192.0.2.1\"", "relay.advertised-ipv4 = \"192.0.2.1,192.0.2.2\"",
        "relay.ipv4 = null", "relay.advertised-ipv4 = example.org", "relay.advertised-ipv6 = 1.2.3.4",
        "relay.port-min = 80", "relay.port-max = 49151", "relay.port-max = 65536", "relay.port-rest = -1s",
        "relay.port-rest = soon", "relay.dscp = 64", "drain.deadline = -1s", "drain.deadline = 2d",
        "drain.alternates = [{ host = b.example, port = 3478 }]", "drain.alternates = [{ host = 192.0.2.1, port = 0 }]",
        "drain.alternates = [{ host = 127.0.0.1, port = 3478 }]",
        "listeners = [{ transport = udp, host = 127.0.0.1, port = 1, alternate-host = 127.0.0.2 }]",
        "listeners = [{ transport = udp, host = 127.0.0.1, port = 1, alternate-port = 2 }]",
        "listeners = [{ transport = udp, host = 127.0.0.1, port = 1, alternate-host = 127.0.0.2, alternate-port = 1 }]",
        "listeners = [{ transport = udp, host = 127.0.0.1, port = 1, alternate-host = 127.0.0.1, alternate-port = 2 }]",
        "listeners = [{ transport = udp, host = 127.0.0.1, port = 1, alternate-host = \"::1\", alternate-port = 2 }]",
        "listeners = [{ transport = udp, host = 0.0.0.0, port = 1, alternate-host = 127.0.0.2, alternate-port = 2 }]",
        "listeners = [{ transport = tcp, host = 127.0.0.1, port = 1, alternate-host = 127.0.0.2, alternate-port = 2 }]",
        "tcp-allocations.max-connections = -1", "tcp-allocations.connect-timeout = 29s",
        "allocation.default-lifetime = 599s", "allocation.max-lifetime = 599s",
        "auth.nonce-keys = [x]", "auth.nonce-lifetime = 1s", "auth.users = [{ password = b }]",
        "auth.users = [{ user = a, password = \"\" }]", "auth.users = [{ user = a, tenant = A, password = b }]",
        "auth.users = [{ user = a, password = b }, { user = a, tenant = default, password = c }]",
        "tenants = [{ id = a }, { id = a }]", "tenants = [{ id = -a }]",
        "tenants = [{ id = a, credential-expiry = NEVER }]", "tenants = [{ id = a, server-names = [Turn.example] }]",
        "tenants = [{ id = a, access-token-keys = [{ id = k, key = \"c2hvcnQ=\" }] }]",
        "tenants = [{ id = a, peer-allow = [\"10.1.1.1/8\"] }]", "tenants = [{ id = a, peer-deny = [nowhere] }]",
        "tenants = [{ id = a, channel-numbers = RFC9999 }]", "tenants = [{ id = a, secrets = [{ id = k }] }]",
        "tenants = [{ id = a, secrets = [{ id = k, secret = x }, { id = k, secret = y }] }]",
        "tenants = [{ id = a, secrets = [{ id = k, algorithm = MD5, secret = y }] }]", "peers.allow = [\"10.1.1.1/8\"]",
        "allocation.max-permissions = 0", "allocation.max-channels = 0", "allocation.new-peers-per-second = 0",
        "answers.challenges-total = 1", "answers.bindings-per-prefix = 0", "answers.ipv4-prefix-length = 33",
        "answers.ipv6-prefix-length = 65", "peers.refresh-interval = 0s",
        "peers.deny = [example.org]", "peers.services = [nowhere]", "peers.services = [\"a:0\"]",
        "kafka.bootstrap-servers = nowhere", "kafka.bootstrap-servers = \"a:1,b\"", "kafka.enabled = maybe",
        "kafka.max-partitions = 0",
        "kafka.replication-factor = 0", "kafka.ring-slots = 65537", "kafka.spool-max-bytes = -1",
        "usage.active-interval = 10ms", "usage.idle-interval = 1s", "quota.default.mode = MAYBE",
        "quota.default.period = YEAR", "quota.default.time-zone = Mars/Olympus", "quota.default.volume-bytes = -1",
        "quota.default.on-control-loss = PANIC", "quota.admission-timeout = 0s", "quota.report-interval = 1h",
        "quota.trickle-bits-per-second = 100", "quota.trickle-time = 2h", "quota.end-after = 2d",
        "quota.control-timeout = 2s",
        "admin.host = localhost", "admin.port = -1", "node.id = \"\"", "node.id = Node_1", "node.data-dir = \"\""})
    void refusesANonsensicalValueNamingItsKey(String line) {
        String key = line.substring(0, line.indexOf(' '));

        assertThatThrownBy(() -> load(line)).as(line).isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(key);
    }

    @Test
    void wantsACertificateForSecureListeners() {
        for (String transport : List.of("tls", "dtls", "udp+dtls", "tcp+tls")) {
            String listener = "listeners = [{ transport = \"" + transport + "\", host = 127.0.0.1, port = 1 }]\n";

            assertThatThrownBy(() -> load(listener)).hasMessageStartingWith("tls.certificate");
            RelayConfig config = load(listener + "tls { certificate = c.pem, private-key = k.pem }");
            assertThat(config.listeners().get(0).transport().label()).isEqualTo(transport);
        }
        assertThatThrownBy(() -> load("tls.certificate = c.pem")).hasMessageStartingWith("tls.private-key");
    }

    @Test
    void namesTransportsAsTheFileDoes() {
        assertThatThrownBy(() -> load("listeners = [{ transport = quic, host = 127.0.0.1, port = 1 }]")).hasMessage(
                "listeners.0.transport must be one of [udp, tcp, tls, dtls, udp+dtls, tcp+tls], not quic");
    }

    @Test
    void readsListsOfTheFile() {
        RelayConfig config = load("""
                default-tenant = demo
                auth.users = [{ user = al, password = pw }, { tenant = acme, user = bo, password = pw }]
                tenants = [{ id = demo, channel-numbers = RFC5766, billable-rule = EGRESS_ONLY,
                             secrets = [{ id = k1, algorithm = HMAC-SHA256, secret = s }, { id = k2, secret = t }] }]
                """);

        assertThat(config.auth().users()).extracting(UserConfig::tenant).containsExactly("demo", "acme");
        assertThat(config.tenants().get(0).channelNumbers()).isEqualTo(ChannelNumbers.RFC5766);
        assertThat(config.tenants().get(0).billableRule()).isEqualTo(BillableRule.EGRESS_ONLY);
        assertThat(config.tenants().get(0).secrets()).extracting(TenantSecretConfig::algorithm)
                .containsExactly(SecretAlgorithm.HMAC_SHA256, SecretAlgorithm.HMAC_SHA1);
    }

    /** One variable for each key: what it is set to, and where the record tree must show it. */
    private static final Map<String, Override> OVERRIDES = Map.ofEntries(
            override("node.id", "env-1", config -> config.node().id(), "env-1"),
            override("node.data-dir", "elsewhere", config -> config.node().dataDir(), Path.of("elsewhere")),
            override("realm", "r", RelayConfig::realm, "r"),
            override("default-tenant", "t", RelayConfig::defaultTenant, "t"),
            override("cluster-key", CLUSTER_KEY, RelayConfig::clusterKey, Optional.of(SecretText.of(CLUSTER_KEY))),
            override("event-loops", "3", RelayConfig::eventLoops, 3),
            override("transport", "nio", RelayConfig::transport, TransportKind.NIO),
            override("listeners", "[{transport: tcp, host: \"::1\", port: 1}]", RelayConfig::listeners,
                    List.of(new ListenerConfig(ListenerTransport.TCP, "::1", 1))),
            override("tls.certificate", "c.pem", config -> config.tls().certificate().orElseThrow().chain(),
                    Path.of("c.pem")),
            override("tls.private-key", "k.pem", config -> config.tls().certificate().orElseThrow().privateKey(),
                    Path.of("k.pem")),
            override("tls.certificates", "[{server-names: [A.example], certificate: c2.pem, private-key: k2.pem}]",
                    config -> config.tls().certificates(),
                    List.of(new NamedCertificate(List.of("a.example"),
                            new CertificateFiles(Path.of("c2.pem"), Path.of("k2.pem"))))),
            override("tls.provider", "jdk", config -> config.tls().provider(), TlsProvider.JDK),
            override("tls.handshake-timeout", "5s", config -> config.tls().handshakeTimeout(), Duration.ofSeconds(5)),
            override("tls.reload-interval", "1s", config -> config.tls().reloadInterval(), Duration.ofSeconds(1)),
            override("tls.max-handshakes", "100", config -> config.tls().maxHandshakes(), 100),
            override("tls.max-handshakes-per-network", "10", config -> config.tls().maxHandshakesPerNetwork(), 10),
            override("stream.max-newcomers", "100", config -> config.stream().maxNewcomers(), 100),
            override("stream.max-newcomers-per-network", "10", config -> config.stream().maxNewcomersPerNetwork(), 10),
            override("stream.first-message-timeout", "5s", config -> config.stream().firstMessageTimeout(),
                    Duration.ofSeconds(5)),
            override("stream.newcomer-timeout", "30s", config -> config.stream().newcomerTimeout(),
                    Duration.ofSeconds(30)),
            override("stream.queue-time", "250ms", config -> config.stream().queueTime(), Duration.ofMillis(250)),
            override("stream.queue-bytes", "128KiB", config -> config.stream().queueBytes(), 131_072L),
            override("dtls.max-handshakes", "100", config -> config.dtls().maxHandshakes(), 100),
            override("dtls.max-handshakes-per-network", "10", config -> config.dtls().maxHandshakesPerNetwork(), 10),
            override("dtls.max-newcomers", "100", config -> config.dtls().maxNewcomers(), 100),
            override("dtls.max-newcomers-per-network", "10", config -> config.dtls().maxNewcomersPerNetwork(), 10),
            override("dtls.newcomer-timeout", "30s", config -> config.dtls().newcomerTimeout(),
                    Duration.ofSeconds(30)),
            override("relay.ipv4", "192.0.2.1, 192.0.2.3", config -> config.relay().ipv4(),
                    List.of("192.0.2.1", "192.0.2.3")),
            override("relay.ipv6", "::1", config -> config.relay().ipv6(), List.of("::1")),
            override("relay.advertised-ipv4", "192.0.2.2,192.0.2.4", config -> config.relay().advertisedIpv4(),
                    List.of("192.0.2.2", "192.0.2.4")),
            override("relay.advertised-ipv6", "::2", config -> config.relay().advertisedIpv6(), List.of("::2")),
            override("relay.port-min", "50000", config -> config.relay().portMin(), 50_000),
            override("relay.port-max", "50100", config -> config.relay().portMax(), 50_100),
            override("relay.port-rest", "5s", config -> config.relay().portRest(), Duration.ofSeconds(5)),
            override("relay.dscp", "46", config -> config.relay().dscp(), 46),
            override("drain.alternates", "[{transport: tls, host: \"192.0.2.9\", port: 5349, domain: b.example}]",
                    config -> config.drain().alternates(), List.of(new AlternateConfig(
                            Optional.of(ClientTransport.TLS), "192.0.2.9", 5_349, Optional.of("b.example")))),
            override("drain.deadline", "30s", config -> config.drain().deadline(), Duration.ofSeconds(30)),
            override("allocation.mobility", "false", config -> config.allocation().mobility(), false),
            override("allocation.default-lifetime", "700s", config -> config.allocation().defaultLifetime(),
                    Duration.ofSeconds(700)),
            override("tcp-allocations.max-connections", "7", config -> config.tcpAllocations().maxConnections(), 7),
            override("tcp-allocations.connect-timeout", "31s", config -> config.tcpAllocations().connectTimeout(),
                    Duration.ofSeconds(31)),
            override("allocation.max-lifetime", "1h", config -> config.allocation().maxLifetime(), Duration.ofHours(1)),
            override("allocation.max-permissions", "7", config -> config.allocation().maxPermissions(), 7),
            override("allocation.max-channels", "8", config -> config.allocation().maxChannels(), 8),
            override("allocation.new-peers-per-second", "9", config -> config.allocation().newPeersPerSecond(), 9),
            override("answers.challenges-per-prefix", "10", config -> config.answers().challengesPerPrefix(), 10),
            override("answers.challenges-total", "11", config -> config.answers().challengesTotal(), 11),
            override("answers.bindings-per-prefix", "12", config -> config.answers().bindingsPerPrefix(), 12),
            override("answers.bindings-total", "13", config -> config.answers().bindingsTotal(), 13),
            override("answers.ipv4-prefix-length", "16", config -> config.answers().ipv4PrefixLength(), 16),
            override("answers.ipv6-prefix-length", "48", config -> config.answers().ipv6PrefixLength(), 48),
            override("auth.nonce-keys", "[\"" + CLUSTER_KEY + "\"]", config -> config.auth().nonceKeys(),
                    List.of(SecretText.of(CLUSTER_KEY))),
            override("auth.nonce-lifetime", "60s", config -> config.auth().nonceLifetime(), Duration.ofSeconds(60)),
            override("auth.server-name", "turn.example.org", config -> config.auth().serverName().orElseThrow(),
                    "turn.example.org"),
            override("auth.users", "[{\"user\":\"al\",\"password\":\"pw\"}]", config -> config.auth().users(),
                    List.of(new UserConfig("t", "al", SecretText.of("pw")))),
            override("tenants", "[{id = acme}]", config -> config.tenants().get(0).id(), "acme"),
            override("peers.allow", "[\"10.0.0.0/8\"]", config -> config.peers().allow(),
                    List.of(CidrBlock.parse("10.0.0.0/8"))),
            override("peers.deny", "[\"8.8.8.8\"]", config -> config.peers().deny(),
                    List.of(CidrBlock.parse("8.8.8.8"))),
            override("peers.services", "[\"a.example:1\", \"[::1]:2\"]", config -> config.peers().services(),
                    List.of(new HostAndPort("a.example", 1), new HostAndPort("::1", 2))),
            override("peers.refresh-interval", "5s", config -> config.peers().refreshInterval(), Duration.ofSeconds(5)),
            override("kafka.enabled", "false", config -> config.kafka().enabled(), false),
            override("kafka.bootstrap-servers", "k:1,l:2", config -> config.kafka().bootstrapServers(), "k:1,l:2"),
            override("kafka.max-partitions", "4", config -> config.kafka().maxPartitions(), 4),
            override("kafka.replication-factor", "3", config -> config.kafka().replicationFactor(), 3),
            override("kafka.ring-slots", "2048", config -> config.kafka().ringSlots(), 2_048),
            override("kafka.spool-max-bytes", "1MiB", config -> config.kafka().spoolMaxBytes(), 1_048_576L),
            override("usage.active-interval", "2s", config -> config.usage().activeInterval(), Duration.ofSeconds(2)),
            override("usage.idle-interval", "3s", config -> config.usage().idleInterval(), Duration.ofSeconds(3)),
            override("quota.default.mode", "HARD", config -> config.quota().defaultPolicy().mode(), QuotaMode.HARD),
            override("quota.default.period", "DAY", config -> config.quota().defaultPolicy().period(),
                    QuotaPeriodKind.DAY),
            override("quota.default.time-zone", "Europe/Berlin", config -> config.quota().defaultPolicy().timeZone(),
                    ZoneId.of("Europe/Berlin")),
            override("quota.default.volume-bytes", "5242880", config -> config.quota().defaultPolicy().volumeBytes(),
                    OptionalLong.of(5_242_880)),
            override("quota.default.on-control-loss", "ALLOW",
                    config -> config.quota().defaultPolicy().onControlLoss(), OnControlLoss.ALLOW),
            override("quota.admission-timeout", "1s", config -> config.quota().admissionTimeout(),
                    Duration.ofSeconds(1)),
            override("quota.report-interval", "2s", config -> config.quota().reportInterval(), Duration.ofSeconds(2)),
            override("quota.trickle-bits-per-second", "32000", config -> config.quota().trickleBitsPerSecond(), 32_000),
            override("quota.trickle-time", "0s", config -> config.quota().trickleTime(), Duration.ZERO),
            override("quota.end-after", "1m", config -> config.quota().endAfter(), Duration.ofMinutes(1)),
            override("quota.control-timeout", "9s", config -> config.quota().controlTimeout(), Duration.ofSeconds(9)),
            override("admin.host", "::1", config -> config.admin().host(), "::1"),
            override("admin.port", "1234", config -> config.admin().port(), 1_234));

    private record Override(String text, Function<RelayConfig, Object> read, Object expected) {}

    private static Map.Entry<String, Override> override(String key, String text, Function<RelayConfig, Object> read,
            Object expected) {
        return Map.entry(key, new Override(text, read, expected));
    }

    @Test
    void takesEveryKeyFromTheEnvironment() {
        assertThat(OVERRIDES).containsOnlyKeys(KnownKeys.of(ConfigReader.reference()).types().keySet());
        Map<String, String> environment = new HashMap<>();
        OVERRIDES.forEach((key, override) -> environment.put(KnownKeys.environmentName(key), override.text));

        RelayConfig config = RelayConfig.load(ConfigFactory.parseString(REQUIRED), environment);

        OVERRIDES.forEach((key, override) -> assertThat(override.read.apply(config)).as(key)
                .isEqualTo(override.expected));
    }

    @Test
    void takesListsFromTheEnvironmentEntryByEntry() {
        RelayConfig config = load("", Map.of("TURNPIKE_LISTENERS_0_TRANSPORT", "udp", "TURNPIKE_LISTENERS_0_HOST",
                "::1", "TURNPIKE_LISTENERS_0_PORT", "5000", "TURNPIKE_PEERS_ALLOW_0", "10.0.0.0/8",
                "TURNPIKE_PEERS_ALLOW_1", "fd00::/8", "TURNPIKE_TENANTS_0_ID", "acme",
                "TURNPIKE_TENANTS_0_CHANNEL_NUMBERS", "RFC5766", "TURNPIKE_TENANTS_0_SECRETS",
                "[{id: k1, secret: s}]"));

        assertThat(config.listeners()).containsExactly(new ListenerConfig(ListenerTransport.UDP, "::1", 5_000));
        assertThat(config.peers().allow()).containsExactly(CidrBlock.parse("10.0.0.0/8"), CidrBlock.parse("fd00::/8"));
        assertThat(config.tenants().get(0).channelNumbers()).isEqualTo(ChannelNumbers.RFC5766);
        assertThat(config.tenants().get(0).secrets()).hasSize(1);
    }

    @Test
    void takesAListEntryAsAWholeObject() {
        RelayConfig config = load("", Map.of("TURNPIKE_AUTH_USERS_0", "{user = al, password = pw}"));

        assertThat(config.auth().users()).containsExactly(new UserConfig("default", "al", SecretText.of("pw")));
    }

    @Test
    void letsTheEnvironmentWinOverTheFileAndAnEmptyVariableMeanNone() {
        RelayConfig config = load("realm = file, relay.ipv6 = \"::1\"",
                Map.of("TURNPIKE_REALM", "env", "TURNPIKE_RELAY_IPV6", ""));

        assertThat(config.realm()).isEqualTo("env");
        assertThat(config.relay().ipv6()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"TURNPIKE_TYPO, 1", "TURNPIKE_RELAY, 1", "TURNPIKE_LISTENERS_X, 1", "TURNPIKE_LISTENERS_0_PROT, 1",
        "TURNPIKE_LISTENERS_1_PORT, 1", "TURNPIKE_LISTENERS, 'no list'", "TURNPIKE_EVENT_LOOPS, many",
        "TURNPIKE_QUOTA_DEFAULT_MODE, ''"})
    void refusesAVariableThatIsUnknownOrWrongByName(String variable, String text) {
        String key = variable.substring("TURNPIKE_".length()).toLowerCase(Locale.ROOT).split("_")[0];

        assertThatThrownBy(() -> load("", Map.of(variable, text))).isInstanceOf(InvalidConfigException.class)
                .satisfies(refused -> assertThat(refused.getMessage().toLowerCase(Locale.ROOT))
                        .contains(key));
    }

    @Test
    void refusesAListGivenAsAWholeAndEntryByEntry() {
        assertThatThrownBy(() -> load("", Map.of("TURNPIKE_PEERS_ALLOW", "[]", "TURNPIKE_PEERS_ALLOW_0", "10.0.0.0/8")))
                .hasMessageContaining("TURNPIKE_PEERS_ALLOW");
        assertThatThrownBy(() -> load("", Map.of("TURNPIKE_TENANTS_0", "{id = a}", "TURNPIKE_TENANTS_0_ID", "b")))
                .hasMessageContaining("TURNPIKE_TENANTS_0_ID");
    }

    @Test
    void leavesOtherProgramsVariablesAlone() {
        assertThat(load("", Map.of("PATH", "x", "TURNPIKE_JAVA_OPTS", "-Xmx1g", "TURNPIKEX", "y")).realm())
                .isEqualTo("turnpike");
    }

    @Test
    void readsAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("relay.conf"), REQUIRED + "realm = filed");

        assertThat(RelayConfig.load(file, Map.of()).realm()).isEqualTo("filed");
    }

    @Test
    void saysWhichFileCannotBeRead(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.conf"), "realm = x\ncluster-key = c2VjcmV0=\n");

        assertThatThrownBy(() -> RelayConfig.load(folder.resolve("absent.conf"), Map.of()))
                .isInstanceOf(InvalidConfigException.class).hasMessageContaining("absent.conf");
        assertThatThrownBy(() -> RelayConfig.load(broken, Map.of())).isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("broken.conf: 2")
                .hasMessageNotContaining("c2VjcmV0");
    }

    @Test
    void neverPrintsASecret() {
        String secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=";
        RelayConfig config = load("""
                auth { nonce-keys = ["%1$s"], users = [{ user = al, password = "%1$s" }] }
                tenants = [{ id = a, secrets = [{ id = k, secret = "%1$s" }] }]""".formatted(secret));
        List<String> refusals = new ArrayList<>();
        for (String line : List.of("auth.nonce-keys = [%s, {}]", "auth.users = [{ user = [], password = %s }]",
                "cluster-key = \"%s\"")) {
            assertThatThrownBy(() -> load(line.formatted(secret)))
                    .satisfies(refused -> refusals.add(String.valueOf(refused)));
        }

        assertThat(config.toString()).doesNotContain(secret).doesNotContain(CLUSTER_KEY);
        assertThat(refusals).hasSize(3).noneMatch(text -> text.contains(secret));
    }

    private static RelayConfig load(String lines) {
        return load(lines, Map.of());
    }

    private static RelayConfig load(String lines, Map<String, String> environment) {
        return RelayConfig.load(ConfigFactory.parseString(lines).withFallback(ConfigFactory.parseString(REQUIRED)),
                environment);
    }
}
