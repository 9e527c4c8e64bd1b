package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.decoded;
import static io.turnpike.stun.TestMessages.wire;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The attributes whose value has one length: numbers, flags and opaque hashes. */
class FixedSizeAttributesTest {

    static Stream<Arguments> attributes() {
        return Stream.of(Arguments.of(new ChannelNumber(0x4000), "40000000"),
                Arguments.of(new ChannelNumber(0xFFFF), "ffff0000"), Arguments.of(new Lifetime(600), "00000258"),
                Arguments.of(new Lifetime(0xFFFFFFFFL), "ffffffff"), Arguments.of(new EvenPort(true), "80"),
                Arguments.of(new EvenPort(false), "00"),
                Arguments.of(new RequestedTransport(RequestedTransport.UDP), "11000000"),
                Arguments.of(new RequestedTransport(255), "ff000000"), Arguments.of(new DontFragment(), ""),
                Arguments.of(new ReservationToken(0x0102030405060708L), "0102030405060708"),
                Arguments.of(new RequestedAddressFamily(AddressFamily.IPV4), "01000000"),
                Arguments.of(new RequestedAddressFamily(3), "03000000"),
                Arguments.of(new AdditionalAddressFamily(AddressFamily.IPV6), "02000000"),
                Arguments.of(new Icmp(3, 4, 1400), "0000060400000578"),
                Arguments.of(new ChangeRequest(true, true), "00000006"),
                Arguments.of(new ChangeRequest(true, false), "00000004"),
                Arguments.of(new ChangeRequest(false, true), "00000002"),
                Arguments.of(new ConnectionId(0x80000001), "80000001"),
                Arguments.of(new CacheTimeout(0xFFFFFFFFL), "ffffffff"),
                Arguments.of(new ResponsePort(0xABCD), "abcd"),
                Arguments.of(new Icmp(127, 511, -1), "0000ffffffffffff"),
                Arguments.of(new Fingerprint(0x01020304), "01020304"),
                Arguments.of(new MessageIntegrity(Octets.of(new byte[20])), "00".repeat(20)),
                Arguments.of(new Userhash(Octets.of(new byte[32])), "00".repeat(32)));
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void writesAndReads(StunAttribute attribute, String value) {
        assertThat(wire(attribute)).isEqualTo(value);
        assertThat(decoded(attribute.type(), value)).isEqualTo(attribute).hasSameHashCodeAs(attribute);
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void refusesAnotherLength(StunAttribute attribute, String value) {
        AttributeType type = attribute.type();
        if (type == AttributeType.FINGERPRINT || type == AttributeType.MESSAGE_INTEGRITY) {
            return; // StunFrameTest: their length is a question of structure
        }
        assertThat(decoded(type, value + "00")).isNull();
        if (!value.isEmpty()) {
            assertThat(decoded(type, value.substring(2))).isNull();
        }
    }

    @Test
    void ignoresReservedBits() {
        assertThat(decoded(AttributeType.CHANNEL_NUMBER, "4001ffff")).isEqualTo(new ChannelNumber(0x4001));
        assertThat(decoded(AttributeType.EVEN_PORT, "7f")).isEqualTo(new EvenPort(false));
        assertThat(decoded(AttributeType.REQUESTED_TRANSPORT, "11ffffff")).isEqualTo(new RequestedTransport(17));
        assertThat(decoded(AttributeType.REQUESTED_ADDRESS_FAMILY, "02ffffff"))
                .isEqualTo(new RequestedAddressFamily(AddressFamily.IPV6));
        assertThat(decoded(AttributeType.CHANGE_REQUEST, "fffffff9")).isEqualTo(new ChangeRequest(false, false));
        assertThat(decoded(AttributeType.RESPONSE_PORT, "abcdffff")).isEqualTo(new ResponsePort(0xABCD));
        assertThat(decoded(AttributeType.ICMP, "ffff060400000578")).isEqualTo(new Icmp(3, 4, 1400));
    }

    @Test
    void knowsTheFamiliesThatExist() {
        assertThat(new RequestedAddressFamily(1).family()).contains(AddressFamily.IPV4);
        assertThat(new AdditionalAddressFamily(2).family()).contains(AddressFamily.IPV6);
        assertThat(new RequestedAddressFamily(0).family()).isEmpty();
        assertThat(new AdditionalAddressFamily(3).family()).isEmpty();
    }

    @Test
    void rejectsValuesThatDoNotFit() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ChannelNumber(0x10000));
        assertThatIllegalArgumentException().isThrownBy(() -> new ChannelNumber(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Lifetime(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Lifetime(0x1_0000_0000L));
        assertThatIllegalArgumentException().isThrownBy(() -> new RequestedTransport(256));
        assertThatIllegalArgumentException().isThrownBy(() -> new RequestedAddressFamily(256));
        assertThatIllegalArgumentException().isThrownBy(() -> new AdditionalAddressFamily(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Icmp(128, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new CacheTimeout(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new CacheTimeout(0x1_0000_0000L));
        assertThatIllegalArgumentException().isThrownBy(() -> new ResponsePort(0x10000));
        assertThatIllegalArgumentException().isThrownBy(() -> new Padding(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Padding(64_001));
        assertThatIllegalArgumentException().isThrownBy(() -> new Icmp(0, 512, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Userhash(Octets.of(new byte[31])));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageIntegrity(Octets.of(new byte[21])));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageIntegritySha256(Octets.of(new byte[18])));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageIntegritySha256(Octets.of(new byte[36])));
        assertThatIllegalArgumentException().isThrownBy(() -> new Data(Octets.of(new byte[0x10000])));
    }

    @Test
    void readsATruncatedSha256AsAValue() {
        assertThat(decoded(AttributeType.MESSAGE_INTEGRITY_SHA256, "01".repeat(16)))
                .isInstanceOfSatisfying(MessageIntegritySha256.class,
                        mac -> assertThat(mac.hmac().length()).isEqualTo(16));
    }

    @Test
    void readsDataOfAnyLength() {
        assertThat(decoded(AttributeType.DATA, "")).isEqualTo(new Data(Octets.of()));
        assertThat(decoded(AttributeType.DATA, "0102030405")).isEqualTo(new Data(Octets.of(new byte[]{1, 2, 3, 4, 5})));
        assertThat(wire(new Data(Octets.of(new byte[]{1, 2, 3})))).isEqualTo("010203");
    }
}
