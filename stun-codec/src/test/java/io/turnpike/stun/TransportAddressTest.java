package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

class TransportAddressTest {
    private final AddressCursor cursor = new AddressCursor();

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "192.0.2.255", "255.255.255.255", "::", "::1", "2001:db8:ff00::8000:1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
    void comesBackAsItWas(String host) {
        InetSocketAddress address = new InetSocketAddress(host, 65_535);
        cursor.set(address);
        assertThat(cursor.socketAddress()).isEqualTo(address);
        assertThat(cursor.toAddress()).isEqualTo(TransportAddress.of(address)).hasSameHashCodeAs(
                TransportAddress.of(address));
        assertThat(cursor.is(TransportAddress.of(address))).isTrue();
        assertThat(cursor.family()).isEqualTo(AddressFamily.of(address.getAddress()))
                .isEqualTo(TransportAddress.of(address).family());
    }

    @Test
    void holdsIpv4InItsMappedForm() {
        TransportAddress address = TransportAddress.of(new InetSocketAddress("192.0.2.1", 3478));
        assertThat(address.high()).isZero();
        assertThat(address.low()).isEqualTo(0xFFFF_C000_0201L);
        cursor.set(address);
        assertThat(cursor.ipv4()).isEqualTo(0xC000_0201);
        assertThat(cursor.isIpv4()).isTrue();
    }
}
