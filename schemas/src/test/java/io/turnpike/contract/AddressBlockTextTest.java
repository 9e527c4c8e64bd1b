package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBlockTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/8", "0.0.0.0/0", "::/0", "fc00::/7", "192.0.2.1", "2001:db8::1",
        "255.255.255.255/32",
        "::1/128", "64:ff9b::/96"})
    void takesBlocksAndSingleAddresses(String text) {
        assertThat(AddressBlockText.isBlock(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08 ",
        "10.1.0.0/8",
        "10.1", "256.0.0.1", "1.2.3.4.5", "fc00::/129", "fe80::1%eth0", "fe80::1%1/128", "::ffff:10.0.0.0/104",
        "::ffff:10.0.0.1", ":", ":::", "1::2::3", "localhost", "example.org/8", "fc00::1/7", "[::1]", "12345::"})
    void refusesWhatNoRelayReads(String text) {
        assertThat(AddressBlockText.isBlock(text)).isFalse();
    }
}
