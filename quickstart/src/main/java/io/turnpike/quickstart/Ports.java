package io.turnpike.quickstart;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The ports of a quickstart on loopback: where the first of each kind listens, and so where the others do.
 *
 * @param relay STUN/TURN of relay 1 over UDP and TCP; relay i adds 10(i-1)
 * @param tls STUN/TURN of relay 1 over TLS; relay i adds 10(i-1)
 * @param admin health and metrics of relay 1; relay i adds i-1
 * @param api telemetry's API and dashboard
 * @param kafka the broker
 */
public record Ports(int relay, int tls, int admin, int api, int kafka) {
    /** What {@code ./turnpike up} takes unless it is told otherwise. */
    public static final Ports DEFAULT = new Ports(3478, 5349, 9101, 8080, 9092);

    private static final int RELAY_STEP = 10;
    private static final int HIGHEST = 65535;

    /** Refuses what is no port. */
    public Ports {
        requirePort(relay);
        requirePort(tls);
        requirePort(admin);
        requirePort(api);
        requirePort(kafka);
    }

    /** STUN/TURN port of a relay, from 1. */
    public int relay(int index) {
        return requirePort(relay + RELAY_STEP * (index - 1));
    }

    /** The other port of NAT behaviour discovery (RFC 5780), beside a relay's own. */
    static int alternate(int relayPort) {
        return relayPort + 1;
    }

    /** STUN/TURN port over TLS of a relay, from 1. */
    public int tls(int index) {
        return requirePort(tls + RELAY_STEP * (index - 1));
    }

    /** Admin port of a relay, from 1. */
    public int admin(int index) {
        return requirePort(admin + index - 1);
    }

    /** Keeps clients of one relay from the other programs, since loopback peers are allowed. */
    Config closedToPeers(int relays) {
        List<String> services = new ArrayList<>(List.of("127.0.0.1:" + api, "127.0.0.1:" + kafka));
        for (int index = 1; index <= relays; index++) {
            services.add("127.0.0.1:" + admin(index));
            for (int port : List.of(relay(index), tls(index))) {
                services.add("127.0.0.1:" + port);
                services.add("[::1]:" + port);
            }
            services.add("127.0.0.1:" + alternate(relay(index)));
            services.add("127.0.0.2:" + relay(index));
            services.add("127.0.0.2:" + alternate(relay(index)));
        }
        return ConfigFactory.parseMap(Map.of("peers.services", services));
    }

    /** Where a relay sends new clients while it drains: to the other relays; nowhere if it is alone. */
    Config alternatesOf(int draining, int relays) {
        List<Map<String, Object>> alternates = new ArrayList<>();
        for (int index = 1; index <= relays; index++) {
            if (index != draining) {
                for (InetAddress address : Demo.relayAddresses()) {
                    for (String transport : List.of("udp", "tcp", "tls", "dtls")) {
                        int port = transport.endsWith("tls") ? tls(index) : relay(index);
                        alternates.add(
                                Map.of("transport", transport, "host", address.getHostAddress(), "port", port));
                    }
                }
            }
        }
        return ConfigFactory.parseMap(Map.of("drain.alternates", alternates));
    }

    private static int requirePort(int port) {
        if (port < 1 || port > HIGHEST) {
            throw new IllegalArgumentException("a port is between 1 and " + HIGHEST + ", not " + port);
        }
        return port;
    }
}
