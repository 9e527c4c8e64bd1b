package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.address;
import static io.turnpike.stun.TestMessages.decoded;
import static io.turnpike.stun.TestMessages.wire;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import java.util.function.Function;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MAPPED-ADDRESS, XOR-MAPPED-ADDRESS, ALTERNATE-SERVER, XOR-PEER-ADDRESS and XOR-RELAYED-ADDRESS. */
class AddressAttributesTest {

    private static final InetSocketAddress V4 = address("192.0.2.1", 32853);
    private static final InetSocketAddress V6 = address("2001:db8:1234:5678:11:2233:4455:6677", 32853);

    private enum Plain {
        MAPPED(AttributeType.MAPPED_ADDRESS, MappedAddress::new), ALTERNATE(AttributeType.ALTERNATE_SERVER,
                AlternateServer::new);

        private final AttributeType type;
        private final Function<InetSocketAddress, StunAttribute> of;

        Plain(AttributeType type, Function<InetSocketAddress, StunAttribute> of) {
            this.type = type;
            this.of = of;
        }
    }

    private enum Xored {
        MAPPED(AttributeType.XOR_MAPPED_ADDRESS, XorMappedAddress::new), PEER(AttributeType.XOR_PEER_ADDRESS,
                XorPeerAddress::new), RELAYED(AttributeType.XOR_RELAYED_ADDRESS, XorRelayedAddress::new);

        private final AttributeType type;
        private final Function<InetSocketAddress, StunAttribute> of;

        Xored(AttributeType type, Function<InetSocketAddress, StunAttribute> of) {
            this.type = type;
            this.of = of;
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesPlainAddresses(Plain attribute) {
        assertThat(wire(attribute.of.apply(V4))).isEqualTo("00018055c0000201");
        assertThat(decoded(attribute.type, "00018055c0000201")).isEqualTo(attribute.of.apply(V4));
        assertThat(wire(attribute.of.apply(V6))).isEqualTo("0002805520010db8123456780011223344556677");
        assertThat(decoded(attribute.type, "0002805520010db8123456780011223344556677"))
                .isEqualTo(attribute.of.apply(V6));
    }

    /** XORed by hand: cookie 2112a442, transaction id 01020304 05060708090a0b0c. */
    @ParameterizedTest
    @EnumSource
    void writesXoredAddresses(Xored attribute) {
        assertThat(wire(attribute.of.apply(V4))).isEqualTo("0001a147e112a643");
        assertThat(decoded(attribute.type, "0001a147e112a643")).isEqualTo(attribute.of.apply(V4));
        String v6 = "0002a1470113a9fa1336557c051725 3b4d5f6d7b".replace(" ", "");
        assertThat(wire(attribute.of.apply(V6))).isEqualTo(v6);
        assertThat(decoded(attribute.type, v6)).isEqualTo(attribute.of.apply(V6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "000100", "00018055c00002", "00018055c000020100", "00028055c0000201",
        "0001805520010db8123456780011223344556677", "00038055c0000201", "00008055c0000201"})
    void refusesWhatIsNoAddress(String value) {
        for (Plain attribute : Plain.values()) {
            assertThat(decoded(attribute.type, value)).isNull();
        }
        for (Xored attribute : Xored.values()) {
            assertThat(decoded(attribute.type, value)).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void cannotHoldAnUnresolvedName(Xored attribute) {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("relay.invalid", 1);

        assertThatIllegalArgumentException().isThrownBy(() -> attribute.of.apply(unresolved));
        assertThatIllegalArgumentException().isThrownBy(() -> new MappedAddress(unresolved));
        assertThatIllegalArgumentException().isThrownBy(() -> new AlternateServer(unresolved));
    }
}
