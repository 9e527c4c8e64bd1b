package io.turnpike.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import io.turnpike.node.config.AccessTokenKeyConfig;
import io.turnpike.node.config.RelayConfig.AdminConfig;
import io.turnpike.node.config.RelayConfig.AllocationConfig;
import io.turnpike.node.config.RelayConfig.AlternateAddress;
import io.turnpike.node.config.AlternateConfig;
import io.turnpike.node.config.RelayConfig.AnswersConfig;
import io.turnpike.node.config.RelayConfig.AuthConfig;
import io.turnpike.node.config.BillableRule;
import io.turnpike.node.config.ChannelNumbers;
import io.turnpike.node.config.CredentialExpiry;
import io.turnpike.node.config.DefaultQuota;
import io.turnpike.node.config.DrainConfig;
import io.turnpike.node.config.RelayConfig.KafkaConfig;
import io.turnpike.node.config.RelayConfig.ListenerConfig;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import io.turnpike.node.config.RelayConfig.NodeConfig;
import io.turnpike.node.config.OnControlLoss;
import io.turnpike.node.config.RelayConfig.PeersConfig;
import io.turnpike.node.config.QuotaConfig;
import io.turnpike.node.config.QuotaMode;
import io.turnpike.node.config.QuotaPeriodKind;
import io.turnpike.node.config.RelayConfig.RelayAddressConfig;
import io.turnpike.node.config.SecretAlgorithm;
import io.turnpike.node.config.RelayConfig.TcpAllocationConfig;
import io.turnpike.node.config.TenantConfig;
import io.turnpike.node.config.TenantSecretConfig;
import io.turnpike.node.config.RelayConfig.TransportKind;
import io.turnpike.node.config.RelayConfig.UsageConfig;
import io.turnpike.node.config.UserConfig;
import io.turnpike.node.config.TlsConfig.CertificateFiles;
import io.turnpike.node.config.TlsConfig.NamedCertificate;
import io.turnpike.node.config.TlsConfig.TlsProvider;
import io.turnpike.node.event.ClientTransport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Lays the environment over the file over the defaults, and reads the record tree from the result. */
final class ConfigReader {
    private static final ConfigParseOptions MUST_EXIST = ConfigParseOptions.defaults().setAllowMissing(false);
    private static final Set<String> LISTENER_KEYS = Set.of("transport", "host", "port", "proxy-protocol",
            "proxy-protocol-from", "tenant", "alternate-host", "alternate-port");
    private static final Set<String> ALTERNATE_KEYS = Set.of("transport", "host", "port", "domain");
    private static final Set<String> CERTIFICATE_KEYS = Set.of("server-names", "certificate", "private-key");
    private static final Set<String> USER_KEYS = Set.of("tenant", "user", "password");
    private static final Set<String> TENANT_KEYS = Set.of("id", "channel-numbers", "billable-rule", "secrets",
            "credential-expiry", "access-token-keys", "server-names", "peer-allow", "peer-deny");
    private static final Set<String> TOKEN_KEY_KEYS = Set.of("id", "key");
    private static final Set<String> SECRET_KEYS = Set.of("id", "algorithm", "secret");

    private final ConfigNode root;

    private ConfigReader(ConfigNode root) {
        this.root = root;
    }

    static Config reference() {
        return ConfigFactory.parseResources(ConfigReader.class, "reference.conf", MUST_EXIST);
    }

    static Config parse(Path file) {
        try {
            return ConfigFactory.parseFile(file.toFile(), MUST_EXIST);
        } catch (ConfigException.IO e) {
            throw new InvalidConfigException("the configuration file cannot be read: " + file);
        } catch (ConfigException e) {
            // The parser's own message may quote a secret, so only the place is told.
            throw new InvalidConfigException("the configuration file is no HOCON at " + e.origin().description());
        }
    }

    static RelayConfig read(Config overrides, Map<String, String> environment) {
        Config reference = reference();
        KnownKeys known = KnownKeys.of(reference);
        known.check(overrides);
        Config merged = EnvironmentOverrides.of(known, environment).withFallback(overrides).withFallback(reference);
        try {
            return new ConfigReader(new ConfigNode(merged.resolve(ConfigResolveOptions.noSystem()), "")).relay();
        } catch (ConfigException.UnresolvedSubstitution e) {
            throw new InvalidConfigException("the configuration refers to a key that is not there: " + e.getMessage());
        }
    }

    private RelayConfig relay() {
        String defaultTenant = root.text("default-tenant");
        return new RelayConfig(new NodeConfig(root.text("node.id"), Path.of(root.text("node.data-dir"))),
                root.text("realm"), defaultTenant, root.optionalText("cluster-key").map(SecretText::of),
                root.integer("event-loops"), root.constant("transport", TransportKind.class),
                root.nodes("listeners", LISTENER_KEYS, ConfigReader::listener), tls(), stream(), dtls(),
                relayAddresses(),
                new AllocationConfig(root.duration("allocation.default-lifetime"),
                        root.duration("allocation.max-lifetime"), root.integer("allocation.max-permissions"),
                        root.integer("allocation.max-channels"), root.integer("allocation.new-peers-per-second"),
                        root.flag("allocation.mobility")),
                new TcpAllocationConfig(root.integer("tcp-allocations.max-connections"),
                        root.duration("tcp-allocations.connect-timeout")),
                answers(),
                auth(defaultTenant), root.nodes("tenants", TENANT_KEYS, ConfigReader::tenant),
                new PeersConfig(root.blocks("peers.allow"), root.blocks("peers.deny"),
                        HostAndPort.parseAll("peers.services", root.texts("peers.services")),
                        root.duration("peers.refresh-interval")),
                kafka(),
                new UsageConfig(root.duration("usage.active-interval"), root.duration("usage.idle-interval")),
                new QuotaConfig(defaultQuota(), root.duration("quota.admission-timeout"),
                        root.duration("quota.report-interval"), root.integer("quota.trickle-bits-per-second"),
                        root.duration("quota.trickle-time"), root.duration("quota.end-after"),
                        root.duration("quota.control-timeout")),
                new DrainConfig(root.nodes("drain.alternates", ALTERNATE_KEYS, ConfigReader::alternate),
                        root.duration("drain.deadline")),
                new AdminConfig(root.text("admin.host"), root.integer("admin.port")));
    }

    private RelayAddressConfig relayAddresses() {
        return new RelayAddressConfig(root.separated("relay.ipv4"), root.separated("relay.ipv6"),
                root.separated("relay.advertised-ipv4"), root.separated("relay.advertised-ipv6"),
                root.integer("relay.port-min"), root.integer("relay.port-max"), root.duration("relay.port-rest"),
                root.integer("relay.dscp"));
    }

    private AnswersConfig answers() {
        return new AnswersConfig(root.integer("answers.challenges-per-prefix"),
                root.integer("answers.challenges-total"), root.integer("answers.bindings-per-prefix"),
                root.integer("answers.bindings-total"), root.integer("answers.ipv4-prefix-length"),
                root.integer("answers.ipv6-prefix-length"));
    }

    private AuthConfig auth(String defaultTenant) {
        return new AuthConfig(root.texts("auth.nonce-keys").stream().map(SecretText::of).toList(),
                root.duration("auth.nonce-lifetime"), root.optionalText("auth.server-name"),
                root.nodes("auth.users", USER_KEYS,
                        user -> new UserConfig(user.optionalText("tenant").orElse(defaultTenant), user.text("user"),
                                SecretText.of(user.text("password")))));
    }

    private KafkaConfig kafka() {
        return new KafkaConfig(root.flag("kafka.enabled"), root.text("kafka.bootstrap-servers"),
                root.integer("kafka.max-partitions"), root.integer("kafka.replication-factor"),
                root.integer("kafka.ring-slots"), root.bytes("kafka.spool-max-bytes"));
    }

    private DefaultQuota defaultQuota() {
        OptionalLong volume = root.isSet("quota.default.volume-bytes")
                ? OptionalLong.of(root.bytes("quota.default.volume-bytes"))
                : OptionalLong.empty();
        return new DefaultQuota(root.constant("quota.default.mode", QuotaMode.class),
                root.constant("quota.default.period", QuotaPeriodKind.class), root.zone("quota.default.time-zone"),
                volume, root.constant("quota.default.on-control-loss", OnControlLoss.class));
    }

    private static ListenerConfig listener(ConfigNode at) {
        return new ListenerConfig(at.constant("transport", ListenerTransport.class), at.text("host"),
                at.integer("port"), at.isSet("proxy-protocol") && at.flag("proxy-protocol"),
                at.isSet("proxy-protocol-from") ? at.blocks("proxy-protocol-from") : List.of(),
                at.optionalText("tenant"), alternateAddress(at));
    }

    private static Optional<AlternateAddress> alternateAddress(ConfigNode at) {
        return at.isSet("alternate-host") || at.isSet("alternate-port")
                ? Optional.of(new AlternateAddress(at.text("alternate-host"), at.integer("alternate-port")))
                : Optional.empty();
    }

    private static AlternateConfig alternate(ConfigNode at) {
        return new AlternateConfig(at.optionalConstant("transport", ClientTransport.class), at.text("host"),
                at.integer("port"), at.optionalText("domain"));
    }

    private TlsConfig tls() {
        Optional<Path> chain = root.optionalText("tls.certificate").map(Path::of);
        Optional<Path> privateKey = root.optionalText("tls.private-key").map(Path::of);
        Rules.require(chain.isPresent() == privateKey.isPresent(), "tls.private-key",
                "and tls.certificate go together");
        return new TlsConfig(chain.map(file -> new CertificateFiles(file, privateKey.orElseThrow())),
                root.nodes("tls.certificates", CERTIFICATE_KEYS,
                        ConfigReader::namedCertificate),
                root.constant("tls.provider", TlsProvider.class), root.duration("tls.handshake-timeout"),
                root.duration("tls.reload-interval"), root.integer("tls.max-handshakes"),
                root.integer("tls.max-handshakes-per-network"));
    }

    private static NamedCertificate namedCertificate(ConfigNode at) {
        return new NamedCertificate(at.texts("server-names"),
                new CertificateFiles(Path.of(at.text("certificate")), Path.of(at.text("private-key"))));
    }

    private StreamConfig stream() {
        return new StreamConfig(root.integer("stream.max-newcomers"),
                root.integer("stream.max-newcomers-per-network"), root.duration("stream.first-message-timeout"),
                root.duration("stream.newcomer-timeout"), root.duration("stream.queue-time"),
                root.bytes("stream.queue-bytes"));
    }

    private DtlsConfig dtls() {
        return new DtlsConfig(root.integer("dtls.max-handshakes"), root.integer("dtls.max-handshakes-per-network"),
                root.integer("dtls.max-newcomers"), root.integer("dtls.max-newcomers-per-network"),
                root.duration("dtls.newcomer-timeout"));
    }

    private static TenantConfig tenant(ConfigNode at) {
        List<TenantSecretConfig> secrets = at.isSet("secrets")
                ? at.nodes("secrets", SECRET_KEYS, ConfigReader::secret)
                : List.of();
        return new TenantConfig(at.text("id"),
                at.optionalConstant("channel-numbers", ChannelNumbers.class).orElse(ChannelNumbers.RFC8656),
                at.optionalConstant("billable-rule", BillableRule.class).orElse(BillableRule.BOTH_DIRECTIONS), secrets,
                at.optionalConstant("credential-expiry", CredentialExpiry.class).orElse(CredentialExpiry.ALLOCATE),
                at.isSet("access-token-keys")
                        ? at.nodes("access-token-keys", TOKEN_KEY_KEYS,
                                key -> new AccessTokenKeyConfig(key.text("id"), SecretText.of(key.text("key"))))
                        : List.of(),
                at.isSet("server-names") ? at.texts("server-names") : List.of(), peerRules(at));
    }

    private static PeerRules peerRules(ConfigNode at) {
        List<CidrBlock> allow = at.isSet("peer-allow") ? at.blocks("peer-allow") : List.of();
        List<CidrBlock> deny = at.isSet("peer-deny") ? at.blocks("peer-deny") : List.of();
        Rules.require(Math.max(allow.size(), deny.size()) <= PeerRules.MAX_BLOCKS, "tenants.peer-allow",
                "and peer-deny may hold at most " + PeerRules.MAX_BLOCKS + " blocks each");
        return new PeerRules(allow, deny);
    }

    private static TenantSecretConfig secret(ConfigNode at) {
        Optional<SecretAlgorithm> algorithm = at.optionalConstant("algorithm", SecretAlgorithm.class);
        return new TenantSecretConfig(at.text("id"), algorithm.orElse(SecretAlgorithm.HMAC_SHA1),
                SecretText.of(at.text("secret")));
    }
}
