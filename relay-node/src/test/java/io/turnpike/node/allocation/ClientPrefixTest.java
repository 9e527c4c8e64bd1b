package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientPrefixTest {
    @ParameterizedTest
    @CsvSource({
        "203.0.113.201, 203.0.113.0/24",
        "127.0.0.1, 127.0.0.0/24",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1::/48",
        "2001:db8::1, 2001:db8::/48",
        "2001:0:abcd:ffff::1, 2001:0:abcd::/48",
        "::1, ::/48"
    })
    void isWrittenAsRfc5952Says(String client, String network) throws Exception {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(client);

        assertThat(ClientPrefix.of(InetAddress.getByAddress(bytes))).isEqualTo(network);
    }
}
