package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.config.RelayConfig.ListenerConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListenerHostsTest {
    private static final String[] IPV4 = {"127.0.0.1", "198.41.0.4"};
    private static final String[] BOTH = {"127.0.0.1", "198.41.0.4", "::1", "2001:4860::4"};
    private static final String[] MACHINE = {"127.0.0.1", "198.41.0.4", "::1", "2001:4860::4", "fe80::1"};

    @Test
    void takesAnAddressAsItIs() throws Exception {
        assertThat(hosts("{ transport = udp, host = 198.41.0.99, port = 3478 }")).isEqualTo(addresses("198.41.0.99"));
    }

    @Test
    void readsTheIpv4WildcardAsEveryIpv4Address() throws Exception {
        assertThat(hosts("{ transport = udp, host = 0.0.0.0, port = 3478 }")).isEqualTo(addresses(IPV4));
    }

    @Test
    void readsTheIpv6WildcardAsEveryAddressOfBothFamiliesButLinkLocalOnes() throws Exception {
        assertThat(hosts("{ transport = udp, host = \"::\", port = 3478 }")).isEqualTo(addresses(BOTH));
    }

    @Test
    void leavesIpv4ToTheListenerThatNamesIt() throws Exception {
        assertThat(hosts("{ transport = dtls, host = \"::\", port = 3478 }",
                "{ host = 0.0.0.0, transport = udp, port = 3478 }"))
                .isEqualTo(addresses("::1", "2001:4860::4"));
        assertThat(hosts("{ transport = udp, host = \"::\", port = 3478 }",
                "{ host = 0.0.0.0, transport = tcp, port = 3478 }",
                "{ host = 0.0.0.0, transport = udp, port = 3479 }",
                "{ host = 127.0.0.1, transport = udp, port = 3480 }"))
                .isEqualTo(addresses(BOTH));
    }

    private static List<InetAddress> hosts(String listener, String... others) throws UnknownHostException {
        List<ListenerConfig> all = RelayConfig.load(ConfigFactory.parseString("""
                node.id = n1, quota.default.mode = OFF, kafka.enabled = false
                tls { certificate = a, private-key = b }
                listeners = [%s, %s]""".formatted(listener, String.join(",", others)))).listeners();
        return ListenerHosts.of(all.get(0), all, addresses(MACHINE));
    }

    private static List<InetAddress> addresses(String... texts) throws UnknownHostException {
        InetAddress[] addresses = new InetAddress[texts.length];
        for (int i = 0; i < texts.length; i++) {
            addresses[i] = InetAddress.getByName(texts[i]);
        }
        return Arrays.asList(addresses);
    }
}
