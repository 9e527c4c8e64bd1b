package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.node.config.RelayConfig;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterServicesTest {
    private final RelayConfig config = RelayConfig.load(ConfigFactory.parseString("""
            node.id = n1, quota.default.mode = OFF, cluster-key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
            kafka.bootstrap-servers = "127.0.0.1:9092, [::1]:9093"
            relay.advertised-ipv4 = 8.8.4.4
            peers { allow = ["127.0.0.0/8", "::1"], services = ["127.0.0.1:8080"] }"""));
    private final PeerPolicy policy = new PeerPolicy(config.peers(), new RelayedAddresses());

    @Test
    void keepsClientsFromBrokersAndConfiguredServicesOnAllowedAddresses() {
        ClusterServices.deny(policy, config);

        assertThat(allowed("127.0.0.1", 9_092)).isFalse();
        assertThat(allowed("::1", 9_093)).isFalse();
        assertThat(allowed("127.0.0.1", 8_080)).isFalse();
        assertThat(allowed("127.0.0.1", 8_081)).isTrue();
    }

    @Test
    void keepsClientsFromListenersAlsoUnderTheAdvertisedAddress() {
        ClusterServices.denyBound(policy, config, List.of(new InetSocketAddress("127.0.0.1", 3_478)),
                new InetSocketAddress("127.0.0.1", 9_101));

        assertThat(allowed("127.0.0.1", 3_478)).isFalse();
        assertThat(allowed("127.0.0.1", 9_101)).isFalse();
        assertThat(allowed("8.8.4.4", 3_478)).isFalse();
        assertThat(allowed("8.8.4.4", 3_479)).isTrue();
    }

    private boolean allowed(String host, int port) {
        return policy.check(new InetSocketAddress(host, port)).allowed();
    }
}
