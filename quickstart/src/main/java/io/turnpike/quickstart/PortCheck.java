package io.turnpike.quickstart;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * Finds out before anything starts whether every port is free, so that a taken one is named together with the option
 * that moves it, and no half of a cluster is left running.
 */
final class PortCheck {
    private final List<String> taken = new ArrayList<>();

    private PortCheck() {}

    /** One sentence for each port that somebody else holds; empty if the quickstart can start. */
    static List<String> takenPorts(Ports ports, int relays) {
        PortCheck check = new PortCheck();
        check.tcp(ports.kafka(), "Kafka", "--kafka-port", Demo.IPV4);
        check.tcp(ports.api(), "the telemetry API", "--api-port", Demo.IPV4);
        for (int relay = 1; relay <= relays; relay++) {
            for (InetAddress address : Demo.relayAddresses()) {
                check.udp(ports.relay(relay), "relay " + relay, "--relay-port", address);
                check.tcp(ports.relay(relay), "relay " + relay, "--relay-port", address);
                check.tcp(ports.tls(relay), "TLS of relay " + relay, "--tls-port", address);
                check.udp(ports.tls(relay), "DTLS of relay " + relay, "--tls-port", address);
            }
            if (Demo.hasAlternate()) {
                int alternate = Ports.alternate(ports.relay(relay));
                check.udp(alternate, "relay " + relay, "--relay-port", Demo.IPV4);
                check.udp(ports.relay(relay), "relay " + relay, "--relay-port", Demo.ALTERNATE);
                check.udp(alternate, "relay " + relay, "--relay-port", Demo.ALTERNATE);
            }
            check.tcp(ports.admin(relay), "the admin endpoint of relay " + relay, "--admin-port", Demo.IPV4);
        }
        return check.taken;
    }

    private void tcp(int port, String what, String option, InetAddress address) {
        check("TCP", Loopback::tcpIsFree, port, what, option, address);
    }

    private void udp(int port, String what, String option, InetAddress address) {
        check("UDP", Loopback::udpIsFree, port, what, option, address);
    }

    private void check(String transport, BiPredicate<InetAddress, Integer> isFree, int port, String what, String option,
            InetAddress address) {
        if (!isFree.test(address, port)) {
            taken.add(
                    "%s port %d on %s is in use, and %s needs it: end the program that holds it, or choose another with %s."
                            .formatted(transport, port, NetUtil.toAddressString(address), what, option));
        }
    }
}
