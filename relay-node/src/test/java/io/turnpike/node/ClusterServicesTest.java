package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.allocation.ManualTime;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.node.config.HostAndPort;
import io.turnpike.node.config.PeerRules;
import io.turnpike.node.config.RelayConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterServicesTest {
    private final RelayConfig config = RelayConfig.load(ConfigFactory.parseString("""
            node.id = n1, quota.default.mode = OFF, cluster-key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
            kafka.bootstrap-servers = "127.0.0.1:9092, [::1]:9093"
            relay.advertised-ipv4 = 8.8.4.4
            peers { allow = ["127.0.0.0/8", "::1", "10.0.0.0/8"], services = ["api.cluster:8080"] }"""));
    private final PeerPolicy policy = new PeerPolicy(config.peers(), new RelayedAddresses(), new RelayedAddresses());
    private final ManualTime time = new ManualTime();
    private final Map<String, List<String>> names = new HashMap<>();
    private final List<InetAddress> machine = new ArrayList<>();
    private final List<HostAndPort> announced = new ArrayList<>();
    private final ClusterServices services = new ClusterServices(policy, config,
            new ClusterServices.Sources(this::addressesOf, () -> machine, () -> announced), time::nanoTime);

    ClusterServicesTest() {
        names.put("127.0.0.1", List.of("127.0.0.1"));
        names.put("::1", List.of("::1"));
        names.put("api.cluster", List.of("10.0.0.5", "10.0.0.6"));
    }

    @Test
    void keepsClientsFromBrokersAndConfiguredServicesOnAllowedAddresses() {
        services.refresh();

        assertThat(allowed("127.0.0.1", 9_092)).isFalse();
        assertThat(allowed("::1", 9_093)).isFalse();
        assertThat(allowed("10.0.0.5", 8_080)).isFalse();
        assertThat(allowed("10.0.0.6", 8_080)).isFalse();
        assertThat(allowed("10.0.0.5", 8_081)).isTrue();
    }

    @Test
    void keepsClientsFromTheBrokersThatKafkaAnnounces() {
        announced.add(new HostAndPort("10.0.0.77", 9_092));
        names.put("10.0.0.77", List.of("10.0.0.77"));
        services.refresh();

        assertThat(allowed("10.0.0.77", 9_092)).isFalse();
        announced.clear();
        services.refresh();
        assertThat(allowed("10.0.0.77", 9_092)).isFalse();
    }

    @Test
    void followsANameToItsNewAddressAndKeepsTheOldOneClosedForAnHour() {
        services.refresh();
        names.put("api.cluster", List.of("10.0.0.7"));
        services.refresh();

        assertThat(allowed("10.0.0.7", 8_080)).isFalse();
        assertThat(allowed("10.0.0.5", 8_080)).isFalse();
        time.advance(ClusterServices.KEPT.plusSeconds(1));
        services.refresh();
        assertThat(allowed("10.0.0.7", 8_080)).isFalse();
        assertThat(allowed("10.0.0.5", 8_080)).isTrue();
    }

    @Test
    void opensNothingWhileNamesCannotBeLookedUp() {
        services.refresh();
        names.clear();
        for (int hour = 0; hour < 48; hour++) {
            time.advance(Duration.ofHours(1));
            services.refresh();
        }

        assertThat(allowed("10.0.0.5", 8_080)).isFalse();
        assertThat(allowed("127.0.0.1", 9_092)).isFalse();
    }

    @Test
    void keepsClientsFromListenersAlsoUnderTheAdvertisedAddress() {
        services.addListener(new InetSocketAddress("127.0.0.1", 3_478));
        services.addBound(new InetSocketAddress("127.0.0.1", 9_101));

        assertThat(allowed("127.0.0.1", 3_478)).isFalse();
        assertThat(allowed("127.0.0.1", 9_101)).isFalse();
        assertThat(allowed("8.8.4.4", 3_478)).isFalse();
        assertThat(allowed("8.8.4.4", 3_479)).isTrue();
        services.refresh();
        assertThat(allowed("127.0.0.1", 3_478)).isFalse();
    }

    @Test
    void keepsClientsFromAWildcardListenerOnEveryAddressOfTheMachineAlsoOnLaterOnes() throws Exception {
        machine.add(InetAddress.getByName("10.0.0.20"));
        services.addListener(new InetSocketAddress("::", 3_478));

        for (String host : List.of("10.0.0.20", "127.0.0.1", "127.0.0.9", "::1")) {
            assertThat(allowed(host, 3_478)).as(host).isFalse();
            assertThat(allowed(host, 3_480)).as(host).isTrue();
        }
        assertThat(allowed("10.0.0.21", 3_478)).isTrue();
        machine.add(InetAddress.getByName("10.0.0.21"));
        services.refresh();
        assertThat(allowed("10.0.0.21", 3_478)).isFalse();
    }

    private InetAddress[] addressesOf(String host) throws UnknownHostException {
        List<String> addresses = names.get(host);
        if (addresses == null) {
            throw new UnknownHostException(host);
        }
        InetAddress[] found = new InetAddress[addresses.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = InetAddress.getByName(addresses.get(i));
        }
        return found;
    }

    private boolean allowed(String host, int port) {
        return policy.check(new InetSocketAddress(host, port), PeerRules.NONE).allowed();
    }
}
