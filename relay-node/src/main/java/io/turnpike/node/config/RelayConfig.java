package io.turnpike.node.config;

import com.typesafe.config.Config;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The whole configuration of a relay, valid or not made. Each component takes its own part. Keys, units, defaults and
 * environment names are in {@code reference.conf} beside this class and in {@code docs/configuration.md}.
 *
 * @param node who this node is
 * @param realm realm of the long-term credentials, equal on every node of the cluster (RFC 8489 section 9.2)
 * @param defaultTenant tenant of user names that name none
 * @param clusterKey 32 bytes in base64, equal on every program of the cluster; required with Kafka
 * @param eventLoops event loops; 0 takes one for each core
 * @param transport which socket implementation
 * @param listeners where clients are served, at least one
 * @param tenants tenants that exist without the control topics
 * @param drain how the node goes out of service
 */
public record RelayConfig(NodeConfig node, String realm, String defaultTenant, Optional<SecretText> clusterKey,
        int eventLoops, TransportKind transport, List<ListenerConfig> listeners, TlsConfig tls, StreamConfig stream,
        DtlsConfig dtls,
        RelayAddressConfig relay,
        AllocationConfig allocation, TcpAllocationConfig tcpAllocations, AnswersConfig answers, AuthConfig auth,
        List<TenantConfig> tenants,
        PeersConfig peers, KafkaConfig kafka, UsageConfig usage, QuotaConfig quota, DrainConfig drain,
        AdminConfig admin) {
    private static final int MAX_REALM_CHARACTERS = 127;

    /** Refuses what the keys alone cannot see. */
    public RelayConfig {
        listeners = List.copyOf(listeners);
        tenants = List.copyOf(tenants);
        Rules.require(realm.length() <= MAX_REALM_CHARACTERS && realm.indexOf('"') < 0, "realm",
                "must have at most 127 characters and no quotation mark");
        Rules.tenantId("default-tenant", defaultTenant);
        clusterKey.ifPresent(key -> Rules.base64Key("cluster-key", key, 32, 32));
        Rules.require(!kafka.enabled() || clusterKey.isPresent(), "cluster-key",
                "is required with kafka.enabled, because tenant secrets arrive sealed under it");
        Rules.range("event-loops", eventLoops, 0, 1_024);
        Rules.require(!listeners.isEmpty(), "listeners", "must name at least one");
        Rules.require(
                tls.certificate().isPresent() || listeners.stream().noneMatch(each -> each.transport().isSecure()),
                "tls.certificate", "and tls.private-key are required by a listener that speaks TLS or DTLS");
        for (AlternateConfig alternate : drain.alternates()) {
            Rules.require(listeners.stream().noneMatch(listener -> listener.isAt(alternate.address())),
                    "drain.alternates", "names one of this node's own listeners: clients would come back");
        }
        Set<String> ids = new HashSet<>();
        for (TenantConfig tenant : tenants) {
            Rules.require(ids.add(tenant.id()), "tenants", "names the tenant " + tenant.id() + " twice");
        }
    }

    /**
     * The defaults with overrides, for code that starts relays; the environment is not asked.
     *
     * @throws InvalidConfigException naming the key that is unknown, missing or wrong
     */
    public static RelayConfig load(Config overrides) {
        return ConfigReader.read(overrides, Map.of());
    }

    /**
     * The defaults with overrides and, above both, the environment.
     *
     * @param environment variables; those that begin with {@code TURNPIKE_} must each name a key
     * @throws InvalidConfigException naming the key or variable that is unknown, missing or wrong
     */
    public static RelayConfig load(Config overrides, Map<String, String> environment) {
        return ConfigReader.read(overrides, environment);
    }

    /**
     * The defaults with a file's keys and, above both, the environment.
     *
     * @throws InvalidConfigException naming the key, variable or line that is unknown, missing or wrong
     */
    public static RelayConfig load(Path file, Map<String, String> environment) {
        return ConfigReader.read(ConfigReader.parse(file), environment);
    }

    /** Socket implementations. AUTO is EPOLL where it is available, NIO elsewhere. */
    public enum TransportKind {
        AUTO, LINUX, EPOLL, NIO
    }

    /**
     * Who this node is.
     *
     * @param id unique in the cluster, part of every allocation id
     * @param dataDir folder for the epoch, the spool and the control snapshot
     */
    public record NodeConfig(String id, Path dataDir) {
        /** Refuses ids that metrics, keys or file names could not hold. */
        public NodeConfig {
            Rules.require(id.matches("[a-z0-9][a-z0-9.-]{0,62}"), "node.id",
                    "must be 1 to 63 lower-case letters, digits, dots and hyphens, not " + id);
        }
    }

    /** Over which protocols a listener serves clients; two of them on one port are told apart by the first byte. */
    public enum ListenerTransport {
        UDP, TCP, TLS, DTLS, UDP_DTLS, TCP_TLS;

        /** Whether it is bound to a UDP port, and not to a TCP port. */
        public boolean isDatagram() {
            return this == UDP || this == DTLS || this == UDP_DTLS;
        }

        /** Whether it needs a certificate. */
        public boolean isSecure() {
            return this != UDP && this != TCP;
        }

        /** As it is written in the configuration, for instance {@code tcp+tls}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '+');
        }

        @Override
        public String toString() {
            return label();
        }
    }

    /**
     * One listening address.
     *
     * @param host IP address; names are not looked up
     * @param port 1 to 65535; 0 takes a free one
     * @param proxyProtocol whether every connection begins with a PROXY header that names the client
     * @param proxyProtocolFrom networks of the proxies whose header is believed; none named trusts whoever connects
     * @param tenant tenant of user names that name none, if not {@link RelayConfig#defaultTenant()}
     * @param alternate the other address and port of NAT behaviour discovery, if it is served here
     */
    public record ListenerConfig(ListenerTransport transport, String host, int port, boolean proxyProtocol,
            List<CidrBlock> proxyProtocolFrom, Optional<String> tenant, Optional<AlternateAddress> alternate) {
        /** Refuses what cannot be bound. */
        public ListenerConfig {
            proxyProtocolFrom = List.copyOf(proxyProtocolFrom);
            Rules.ipAddress("listeners.host", host);
            Rules.range("listeners.port", port, 0, 65_535);
            Rules.require(!proxyProtocol || !transport.isDatagram(), "listeners.proxy-protocol",
                    "is for tcp, tls and tcp+tls, not for " + transport.label());
            Rules.require(proxyProtocol || proxyProtocolFrom.isEmpty(), "listeners.proxy-protocol-from",
                    "needs proxy-protocol = true");
            tenant.ifPresent(id -> Rules.tenantId("listeners.tenant", id));
            Rules.require(alternate.isEmpty() || transport == ListenerTransport.UDP, "listeners.alternate-host",
                    "is for udp listeners only (RFC 5780)");
            alternate.ifPresent(other -> other.requireOther(host, port));
        }

        private boolean isAt(InetSocketAddress address) {
            return HostAndPort.literal(host, port).equals(address);
        }

        /** A listener without a PROXY header and without a tenant of its own. */
        public ListenerConfig(ListenerTransport transport, String host, int port) {
            this(transport, host, port, false, List.of(), Optional.empty(), Optional.empty());
        }
    }

    /**
     * A second address and port of a UDP listener, from which clients learn how their NAT behaves (RFC 5780 section 6).
     *
     * @param host another IP address of the listener's family
     * @param port another port, 1 to 65535; 0 takes a free one
     */
    public record AlternateAddress(String host, int port) {
        /** Refuses what cannot be bound. */
        public AlternateAddress {
            Rules.ipAddress("listeners.alternate-host", host);
            Rules.range("listeners.alternate-port", port, 0, 65_535);
        }

        private void requireOther(String listenerHost, int listenerPort) {
            Rules.require((host.indexOf(':') < 0) == (listenerHost.indexOf(':') < 0) && !host.equals(listenerHost),
                    "listeners.alternate-host", "must be another address of the family of listeners.host");
            Rules.require(!Rules.isWildcard(host) && !Rules.isWildcard(listenerHost), "listeners.alternate-host",
                    "needs two addresses by name: a wildcard does not tell which one a request came to");
            Rules.require(port == 0 || port != listenerPort, "listeners.alternate-port",
                    "must be another port than listeners.port");
        }
    }

    /**
     * Relayed transport addresses.
     *
     * @param ipv4 local addresses that relay sockets bind; none if IPv4 is not relayed
     * @param ipv6 local addresses that relay sockets bind; none if IPv6 is not relayed
     * @param advertisedIpv4 what clients are told instead of each of {@code ipv4}, behind a one-to-one NAT
     * @param advertisedIpv6 what clients are told instead of each of {@code ipv6}
     * @param portMin first relay port of each address
     * @param portMax last relay port of each address
     * @param portRest how long a freed port rests before another user gets it
     * @param dscp differentiated services code point of the datagrams to peers and clients
     */
    public record RelayAddressConfig(List<String> ipv4, List<String> ipv6, List<String> advertisedIpv4,
            List<String> advertisedIpv6, int portMin, int portMax, Duration portRest, int dscp) {
        private static final int MOST_ADDRESSES = 64;

        /** Refuses addresses of the wrong family and empty port ranges. */
        public RelayAddressConfig {
            ipv4 = List.copyOf(ipv4);
            ipv6 = List.copyOf(ipv6);
            advertisedIpv4 = List.copyOf(advertisedIpv4);
            advertisedIpv6 = List.copyOf(advertisedIpv6);
            Rules.require(!ipv4.isEmpty() || !ipv6.isEmpty(), "relay.ipv4", "or relay.ipv6 is required");
            ipv4.forEach(address -> Rules.ipv4("relay.ipv4", address));
            ipv6.forEach(address -> Rules.ipv6("relay.ipv6", address));
            advertisedIpv4.forEach(address -> Rules.ipv4("relay.advertised-ipv4", address));
            advertisedIpv6.forEach(address -> Rules.ipv6("relay.advertised-ipv6", address));
            hosts("relay.ipv4", ipv4, advertisedIpv4);
            hosts("relay.ipv6", ipv6, advertisedIpv6);
            Rules.range("relay.port-min", portMin, 1_024, 65_535);
            Rules.range("relay.port-max", portMax, portMin, 65_535);
            Rules.notNegative("relay.port-rest", portRest);
            Rules.range("relay.dscp", dscp, 0, 63);
        }

        private static void hosts(String key, List<String> addresses, List<String> advertised) {
            Rules.range(key, addresses.size(), 0, MOST_ADDRESSES);
            Set<InetAddress> different = addresses.stream().map(NetUtil::createInetAddressFromIpAddressString)
                    .collect(Collectors.toSet());
            Rules.require(different.size() == addresses.size(), key, "names an address twice");
            Rules.require(different.size() <= 1 || different.stream().noneMatch(InetAddress::isAnyLocalAddress), key,
                    "must not name every address of this machine beside others");
            boolean unused = advertised.isEmpty() || addresses.isEmpty();
            Rules.require(unused || advertised.size() == addresses.size(), key.replace(".", ".advertised-"),
                    "must name one address for each of " + key + ", in the same order");
            Rules.require(Set.copyOf(advertised).size() == advertised.size(), key.replace(".", ".advertised-"),
                    "names an address twice");
        }
    }

    /**
     * Lifetimes (RFC 8656 sections 7.2 and 8.2), and what one allocation may hold (RFC 8656 section 21).
     *
     * @param defaultLifetime granted at least, at least 600 s
     * @param maxLifetime granted at most
     * @param maxPermissions permissions of one allocation
     * @param maxChannels channels of one allocation
     * @param newPeersPerSecond peers that one allocation may add each second, in the long run
     * @param mobility whether a client may take its allocation to another address (RFC 8016)
     */
    public record AllocationConfig(Duration defaultLifetime, Duration maxLifetime, int maxPermissions, int maxChannels,
            int newPeersPerSecond, boolean mobility) {
        private static final Duration LEAST = Duration.ofSeconds(600);

        /** Refuses lifetimes that RFC 8656 refuses. */
        public AllocationConfig {
            Rules.require(defaultLifetime.compareTo(LEAST) >= 0, "allocation.default-lifetime",
                    "must be at least 600 s (RFC 8656 section 7.2)");
            Rules.require(maxLifetime.compareTo(defaultLifetime) >= 0, "allocation.max-lifetime",
                    "must be at least allocation.default-lifetime");
            Rules.require(maxLifetime.toSeconds() <= Integer.MAX_VALUE, "allocation.max-lifetime", "is too long");
            Rules.range("allocation.max-permissions", maxPermissions, 1, 65_536);
            Rules.range("allocation.max-channels", maxChannels, 1, 16_384);
            Rules.range("allocation.new-peers-per-second", newPeersPerSecond, 1, 65_536);
        }
    }

    /**
     * How many answers a second UDP sources get that have not shown who they are.
     *
     * @param challengesPerPrefix answers 400 and 401 to one network
     * @param challengesTotal the same to all networks
     * @param bindingsPerPrefix answers to Binding requests to one network
     * @param bindingsTotal the same to all networks
     * @param ipv4PrefixLength what a network is in IPv4
     * @param ipv6PrefixLength what a network is in IPv6
     */
    public record AnswersConfig(int challengesPerPrefix, int challengesTotal, int bindingsPerPrefix,
            int bindingsTotal, int ipv4PrefixLength, int ipv6PrefixLength) {
        private static final int MOST = 100_000_000;

        /** Refuses totals that one network could use up. */
        public AnswersConfig {
            Rules.range("answers.challenges-per-prefix", challengesPerPrefix, 1, MOST);
            Rules.range("answers.challenges-total", challengesTotal, challengesPerPrefix, MOST);
            Rules.range("answers.bindings-per-prefix", bindingsPerPrefix, 1, MOST);
            Rules.range("answers.bindings-total", bindingsTotal, bindingsPerPrefix, MOST);
            Rules.range("answers.ipv4-prefix-length", ipv4PrefixLength, 8, 32);
            Rules.range("answers.ipv6-prefix-length", ipv6PrefixLength, 16, 64);
        }
    }

    /**
     * Relaying of TCP (RFC 6062).
     *
     * @param maxConnections of one allocation; 0 refuses TCP allocations
     * @param connectTimeout how long a peer may take to answer, at least 30 s
     */
    public record TcpAllocationConfig(int maxConnections, Duration connectTimeout) {
        private static final Duration LEAST = Duration.ofSeconds(30);

        /** Refuses a time-out that RFC 6062 refuses. */
        public TcpAllocationConfig {
            Rules.range("tcp-allocations.max-connections", maxConnections, 0, 65_536);
            Rules.between("tcp-allocations.connect-timeout", connectTimeout, LEAST, Duration.ofMinutes(5));
        }
    }

    /**
     * Credentials that do not come through the control topics.
     *
     * @param nonceKeys at most two, base64; the first signs, both are accepted; none derives one from the cluster key
     * @param nonceLifetime how long a nonce is good
     * @param serverName name that access tokens are made out for; the realm if empty
     * @param users static users
     */
    public record AuthConfig(List<SecretText> nonceKeys, Duration nonceLifetime, Optional<String> serverName,
            List<UserConfig> users) {
        /** Refuses short keys and more keys than can be live. */
        public AuthConfig {
            nonceKeys = List.copyOf(nonceKeys);
            users = List.copyOf(users);
            Rules.require(nonceKeys.size() <= 2, "auth.nonce-keys", "may name two: the signing key and the one before");
            nonceKeys.forEach(key -> Rules.base64Key("auth.nonce-keys", key, 16, 1_024));
            serverName.ifPresent(name -> Rules.require(name.length() <= MAX_REALM_CHARACTERS, "auth.server-name",
                    "must have at most 127 characters"));
            Rules.between("auth.nonce-lifetime", nonceLifetime, Duration.ofSeconds(10), Duration.ofDays(1));
            Set<String> names = new HashSet<>();
            for (UserConfig user : users) {
                Rules.require(names.add(user.tenant() + '/' + user.user()), "auth.users",
                        "names the user " + user.user() + " of " + user.tenant() + " twice");
            }
        }
    }

    /**
     * Exceptions to the peer policy.
     *
     * @param allow blocks that are allowed although special-purpose
     * @param deny blocks that are denied, also where allowed
     * @param services the cluster's services, denied also where allowed
     * @param refreshInterval how often the names of services are looked up again
     */
    public record PeersConfig(List<CidrBlock> allow, List<CidrBlock> deny, List<HostAndPort> services,
            Duration refreshInterval) {
        /** Keeps the lists from changing. */
        public PeersConfig {
            allow = List.copyOf(allow);
            deny = List.copyOf(deny);
            services = List.copyOf(services);
            Rules.between("peers.refresh-interval", refreshInterval, Duration.ofSeconds(1), Duration.ofHours(1));
        }
    }

    /**
     * The way to Kafka.
     *
     * @param enabled false relays on this configuration alone and publishes nothing
     * @param maxPartitions upper bound for the partitions of topics made at start
     * @param ringSlots events that may wait for the publisher, a power of two
     * @param spoolMaxBytes final records kept on disk while Kafka is away
     */
    public record KafkaConfig(boolean enabled, String bootstrapServers, int maxPartitions, int replicationFactor,
            int ringSlots, long spoolMaxBytes) {
        /** Refuses sizes that the publisher cannot have. */
        public KafkaConfig {
            Rules.range("kafka.max-partitions", maxPartitions, 1, 10_000);
            Rules.range("kafka.replication-factor", replicationFactor, 1, 32);
            Rules.require(ringSlots >= 1_024 && ringSlots <= 1 << 24 && Integer.bitCount(ringSlots) == 1,
                    "kafka.ring-slots", "must be a power of two between 1024 and 16777216, not " + ringSlots);
            Rules.require(spoolMaxBytes >= 0, "kafka.spool-max-bytes", "must not be negative");
            HostAndPort.parseAll("kafka.bootstrap-servers", List.of(bootstrapServers.split(",")));
        }

        /** The brokers to begin with. */
        public List<HostAndPort> brokers() {
            return HostAndPort.parseAll("kafka.bootstrap-servers", List.of(bootstrapServers.split(",")));
        }
    }

    /**
     * How often usage is sampled.
     *
     * @param activeInterval while bytes move
     * @param idleInterval otherwise
     */
    public record UsageConfig(Duration activeInterval, Duration idleInterval) {
        /** Refuses intervals under one second. */
        public UsageConfig {
            Rules.between("usage.active-interval", activeInterval, Duration.ofSeconds(1), Duration.ofHours(1));
            Rules.between("usage.idle-interval", idleInterval, activeInterval, Duration.ofHours(1));
        }
    }

    /**
     * Where health, metrics and drain are served.
     *
     * @param host IP address; loopback unless something in front of it authenticates
     * @param port 1 to 65535; 0 takes a free one
     */
    public record AdminConfig(String host, int port) {
        /** Refuses what cannot be bound. */
        public AdminConfig {
            Rules.ipAddress("admin.host", host);
            Rules.range("admin.port", port, 0, 65_535);
        }
    }
}
