package io.turnpike.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortCheckTest {
    @Test
    void namesTheTakenPortWhoNeedsItAndTheOptionThatMovesIt() throws IOException {
        Ports ports = freePorts();
        try (ServerSocket api = new ServerSocket(ports.api(), 1, Demo.IPV4);
                DatagramSocket relay = new DatagramSocket(new InetSocketAddress(Demo.IPV4, ports.relay(2)))) {
            assertThat(api.isBound() && relay.isBound()).isTrue();
            assertThat(PortCheck.takenPorts(ports, 2)).satisfiesExactlyInAnyOrder(
                    line -> assertThat(line).contains("TCP port " + ports.api(), "telemetry API", "--api-port"),
                    line -> assertThat(line).contains("UDP port " + ports.relay(2), "relay 2", "--relay-port"));
            assertThat(PortCheck.takenPorts(ports, 1)).hasSize(1);
        }
        assertThat(PortCheck.takenPorts(ports, 2)).isEmpty();
    }

    @Test
    void writesAddressesTheShortWay() throws IOException {
        if (!Demo.relayAddresses().contains(Demo.IPV6)) {
            System.out.println("SKIPPED a port of ::1: it is no address of this machine");
        }
        assumeThat(Demo.relayAddresses()).as("loopback addresses of this machine").contains(Demo.IPV6);
        Ports ports = freePorts();
        try (ServerSocket relay = new ServerSocket(ports.relay(1), 1, Demo.IPV6)) {
            assertThat(relay.isBound()).isTrue();
            assertThat(PortCheck.takenPorts(ports, 1))
                    .singleElement().asString().contains("TCP port " + ports.relay(1) + " on ::1 ");
        }
    }

    @Test
    void spacesRelaysByTenAndTheirAdminPortsByOne() {
        assertThat(Ports.DEFAULT.relay(1)).isEqualTo(3478);
        assertThat(Ports.DEFAULT.relay(3)).isEqualTo(3498);
        assertThat(Ports.DEFAULT.tls(1)).isEqualTo(5349);
        assertThat(Ports.DEFAULT.tls(3)).isEqualTo(5369);
        assertThat(Ports.DEFAULT.admin(3)).isEqualTo(9103);
        assertThatThrownBy(() -> new Ports(3478, 5349, 9101, 0, 9092)).hasMessageContaining("65535");
    }

    private static Ports freePorts() throws IOException {
        while (true) {
            Ports ports = new Ports(Loopback.freePort(), Loopback.freePort(), Loopback.freePort(), Loopback.freePort(),
                    Loopback.freePort());
            if (ports.relay() < 60_000 && ports.tls() < 60_000 && PortCheck.takenPorts(ports, 2).isEmpty()) {
                return ports;
            }
        }
    }
}
