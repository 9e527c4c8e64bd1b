package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.FakeSockets;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class NetworkCapTest {
    private final NetworkCap newcomers = new NetworkCap(5, 2);

    @Test
    void boundsANetworkNotAnAddress() {
        assertThat(newcomers.admit(ip("192.0.2.1"))).isTrue();
        assertThat(newcomers.admit(ip("192.0.2.200"))).isTrue();
        assertThat(newcomers.admit(ip("192.0.2.3"))).isFalse();
        assertThat(newcomers.admit(ip("192.0.3.3"))).isTrue();
        assertThat(newcomers.admit(ip("2001:4860:1:1::1"))).isTrue();
        assertThat(newcomers.admit(ip("2001:4860:1:2::1"))).isTrue();
    }

    @Test
    void boundsTheTotalAndMakesRoomForOthers() {
        for (int i = 0; i < 5; i++) {
            assertThat(newcomers.admit(ip("192.0." + i + ".1"))).isTrue();
        }
        assertThat(newcomers.admit(ip("192.0.9.1"))).isFalse();
        newcomers.leave(ip("192.0.0.1"));
        assertThat(newcomers.admit(ip("192.0.9.1"))).isTrue();
        assertThat(newcomers.size()).isEqualTo(5);
    }

    private static InetAddress ip(String address) {
        return FakeSockets.address(address, 1).getAddress();
    }
}
