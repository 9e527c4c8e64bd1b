package io.turnpike.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidrBlockTest {
    @Test
    void holdsItsFirstAndLastAddressAndNotTheirNeighbours() {
        CidrBlock block = CidrBlock.parse("172.16.0.0/12");

        assertThat(block.contains(0xAC100000)).isTrue();
        assertThat(block.contains(0xAC1FFFFF)).isTrue();
        assertThat(block.contains(0xAC0FFFFF)).isFalse();
        assertThat(block.contains(0xAC200000)).isFalse();
        assertThat(block.lastLow()).isEqualTo(0xAC1FFFFFL);
    }

    @Test
    void comparesIpv6OnBothSidesOfBit64() {
        CidrBlock wide = CidrBlock.parse("fc00::/7");
        CidrBlock narrow = CidrBlock.parse("64:ff9b::/96");

        assertThat(wide.contains(0xFDFF_FFFF_FFFF_FFFFL, -1)).isTrue();
        assertThat(wide.contains(0xFE00_0000_0000_0000L, 0)).isFalse();
        assertThat(narrow.contains(0x0064_FF9B_0000_0000L, 0x0000_0000_FFFF_FFFFL)).isTrue();
        assertThat(narrow.contains(0x0064_FF9B_0000_0000L, 0x0000_0001_0000_0000L)).isFalse();
        assertThat(CidrBlock.parse("::/64").contains(0, -1)).isTrue();
        assertThat(CidrBlock.parse("::/64").contains(1, 0)).isFalse();
    }

    @Test
    void readsWholeFamiliesAndSingleAddresses() {
        assertThat(CidrBlock.parse("0.0.0.0/0").contains(-1)).isTrue();
        assertThat(CidrBlock.parse("::/0").contains(-1, -1)).isTrue();
        assertThat(CidrBlock.parse("::1").contains(0, 1)).isTrue();
        assertThat(CidrBlock.parse("::1").contains(0, 2)).isFalse();
        assertThat(CidrBlock.parse("0.0.0.0/0").contains(-1L, -1L)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/8", "::/129", "fc00::1/7", "10.0.0.0/x",
        "localhost", "localhost/8", "10.0.0/8", "fe80::1%eth0", "::ffff:10.0.0.0/104", "10.0.0.0/8/8"})
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> CidrBlock.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
