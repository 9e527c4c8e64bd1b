package io.turnpike.quickstart;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings with which the programs of one small cluster on loopback are started; the quickstart and the system tests
 * share them. Only what differs from the programs' own defaults is here.
 *
 * @param bootstrapServers the broker
 * @param clusterKey 32 bytes in base64
 */
public record ClusterSettings(String bootstrapServers, String clusterKey) {
    /** More than one, so that keys are really spread; few, since every partition costs a laptop files and threads. */
    private static final int MAX_PARTITIONS = 4;

    /** Shorter than a cluster's, so that a person at the dashboard sees a call move. */
    private static final String ACTIVE_INTERVAL = "2s";

    private static final int RELAY_PORTS_BEGIN = 49152;
    private static final int RELAY_PORTS_EACH = 2048;

    /** Settings of relay {@code index}, from 1; a port of 0 takes a free one. */
    public Config relay(int index, Path dataDir, int turnPort, int adminPort) {
        return relay(index, dataDir, turnPort, adminPort, Optional.empty());
    }

    /** As above, with TLS and DTLS beside UDP and TCP. */
    public Config relay(int index, Path dataDir, int turnPort, int adminPort, Optional<SecurePort> secure) {
        List<Map<String, Object>> listeners = new ArrayList<>();
        for (InetAddress address : Demo.relayAddresses()) {
            for (String transport : List.of("udp", "tcp")) {
                Map<String, Object> listener = new HashMap<>(
                        Map.of("transport", transport, "host", address.getHostAddress(), "port", turnPort));
                if (transport.equals("udp") && address.equals(Demo.IPV4) && Demo.hasAlternate()) {
                    listener.put("alternate-host", Demo.ALTERNATE.getHostAddress());
                    listener.put("alternate-port", turnPort == 0 ? 0 : Ports.alternate(turnPort));
                }
                listeners.add(listener);
            }
            secure.ifPresent(port -> List.of("tls", "dtls").forEach(transport -> listeners
                    .add(Map.of("transport", transport, "host", address.getHostAddress(), "port", port.port()))));
        }
        int portMin = RELAY_PORTS_BEGIN + (index - 1) % 8 * RELAY_PORTS_EACH;
        Config relay = ConfigFactory.parseMap(Map.ofEntries(
                Map.entry("node.id", "relay-" + index),
                Map.entry("node.data-dir", dataDir.toString()),
                Map.entry("realm", Demo.REALM),
                Map.entry("auth.users",
                        List.of(Map.of("tenant", Demo.TENANT, "user", Demo.USER, "password", Demo.PASSWORD))),
                Map.entry("listeners", listeners),
                Map.entry("relay.ipv4", Demo.IPV4.getHostAddress()),
                Map.entry("relay.port-min", portMin),
                Map.entry("relay.port-max", portMin + RELAY_PORTS_EACH - 1),
                Map.entry("peers.allow", List.of("127.0.0.0/8", "::1/128")),
                Map.entry("admin.host", Demo.IPV4.getHostAddress()),
                Map.entry("admin.port", adminPort),
                Map.entry("tenants", List.of(Map.of("id", Demo.TENANT, "channel-numbers", "RFC5766"))),
                Map.entry("usage.active-interval", ACTIVE_INTERVAL),
                Map.entry("kafka.enabled", true)));
        Config ipv6 = Demo.relayAddresses().contains(Demo.IPV6)
                ? ConfigFactory.parseMap(Map.of("relay.ipv6", Demo.IPV6.getHostAddress()))
                : ConfigFactory.empty();
        Config certificate = secure
                .map(tls -> ConfigFactory.parseMap(Map.of("tls.certificate", tls.certificate().toString(),
                        "tls.private-key", tls.privateKey().toString())))
                .orElse(ConfigFactory.empty());
        return certificate.withFallback(ipv6).withFallback(relay).withFallback(shared());
    }

    /** Settings of the telemetry application; a port of 0 takes a free one. */
    public Config telemetry(Path dataDir, int apiPort, List<String> iceUrls) {
        Config webhooks = ConfigFactory.parseMap(Map.of("webhooks.allow-http", true, "webhooks.allow-addresses",
                List.of("127.0.0.0/8", "::1")));
        return ConfigFactory.parseMap(Map.of(
                "state-dir", dataDir.toString(),
                "http.host", Demo.IPV4.getHostAddress(),
                "http.port", apiPort,
                "auth.operator-tokens", List.of(Map.of("name", "demo", "token", Demo.OPERATOR_TOKEN)),
                "auth.anonymous-read-on-loopback", true,
                "streams.threads", 1,
                "streams.standby-replicas", 0,
                "credentials.urls", iceUrls)).withFallback(webhooks).withFallback(shared());
    }

    private Config shared() {
        return ConfigFactory.parseMap(Map.of(
                "kafka.bootstrap-servers", bootstrapServers,
                "kafka.max-partitions", MAX_PARTITIONS,
                "kafka.replication-factor", 1,
                "cluster-key", clusterKey,
                "default-tenant", Demo.TENANT,
                "quota.default.mode", "OFF",
                "quota.default.period", "MONTH",
                "quota.default.time-zone", "UTC",
                "quota.default.on-control-loss", "STOP"));
    }
}
