package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.KEY;
import static io.turnpike.stun.TestMessages.frame;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Whatever can be written reads back as the same values. */
class RoundTripTest {

    @Property(tries = 300)
    void everyAttributeReadsBack(@ForAll("attributes") List<StunAttribute> attributes, @ForAll int high,
            @ForAll long low, @ForAll boolean signed, @ForAll IntegrityAlgorithm algorithm) {
        ByteBuf out = Unpooled.buffer();
        TransactionId id = new TransactionId(high, low);
        StunMessageBuilder builder = new StunMessageBuilder().begin(out, StunMethod.ALLOCATE,
                StunClass.ERROR_RESPONSE, id);
        attributes.forEach(builder::add);
        if (signed) {
            builder.integrity(KEY, algorithm);
        }
        builder.fingerprint();
        StunFrame frame = frame(out);

        assertThat(frame.transactionId()).isEqualTo(id);
        assertThat(frame.illFormed()).isEmpty();
        assertThat(frame.fingerprintMatches()).isTrue();
        assertThat(frame.verifies(KEY, algorithm)).isEqualTo(signed);
        for (AttributeType type : AttributeType.values()) {
            if (type != AttributeType.FINGERPRINT && type != algorithm.attribute()) {
                StunAttribute first = attributes.stream().filter(a -> a.type() == type).findFirst().orElse(null);
                assertThat(frame.get(type.valueClass()).orElse(null)).isEqualTo(first);
            }
        }
        assertThat(frame.peerAddresses())
                .isEqualTo(attributes.stream().filter(XorPeerAddress.class::isInstance).toList());
    }

    @Property(tries = 300)
    void channelDataReadsBack(@ForAll byte[] payload, @ForAll boolean stream) {
        ByteBuf out = Unpooled.buffer();
        ChannelData.write(out, 0x4ABC, Unpooled.wrappedBuffer(payload), stream);
        ChannelData channelData = new ChannelData();

        assertThat(channelData.wrap(out)).isEqualTo(Malformed.NONE);
        assertThat(channelData.channelNumber()).isEqualTo(0x4ABC);
        assertThat(Octets.copyOf(out, channelData.dataIndex(), channelData.dataBytes())).isEqualTo(Octets.of(payload));
    }

    @Provide
    Arbitrary<List<StunAttribute>> attributes() {
        Arbitrary<Octets> octets = Arbitraries.bytes().array(byte[].class).ofMaxSize(40).map(Octets::of);
        Arbitrary<String> text = Arbitraries.strings().ofMaxLength(60).filter(RoundTripTest::isUtf8);
        Arbitrary<Integer> byteValue = Arbitraries.integers().between(0, 255);
        Arbitrary<Integer> errorCode = Arbitraries.integers().between(300, 699);
        Arbitrary<InetSocketAddress> address = Combinators
                .combine(Arbitraries.of(4, 16).flatMap(n -> Arbitraries.bytes().array(byte[].class).ofSize(n)),
                        Arbitraries.integers().between(0, 65535))
                .as(AddressValue::socketAddress);
        Arbitrary<PasswordAlgorithm> algorithm = Combinators.combine(Arbitraries.integers().between(0, 0xFFFF), octets)
                .as(PasswordAlgorithm::new);
        return Arbitraries.<StunAttribute>oneOf(List.of(address.map(MappedAddress::new),
                address.map(XorMappedAddress::new), address.map(XorPeerAddress::new),
                address.map(XorRelayedAddress::new), address.map(AlternateServer::new), text.map(Username::new),
                text.map(Realm::new), text.map(Nonce::new), text.map(Software::new), text.map(AlternateDomain::new),
                octets.map(Data::new), algorithm,
                algorithm.list().ofMinSize(1).ofMaxSize(4).map(PasswordAlgorithms::new),
                Arbitraries.integers().between(0, 0xFFFF).list().ofMaxSize(9).map(UnknownAttributes::new),
                Combinators.combine(errorCode, text).as(ErrorCodeAttribute::new),
                Combinators.combine(byteValue, errorCode, text).as(AddressErrorCode::new),
                Arbitraries.integers().between(0, 0xFFFF).map(ChannelNumber::new),
                Arbitraries.longs().between(0, 0xFFFFFFFFL).map(Lifetime::new),
                Arbitraries.of(true, false).map(EvenPort::new), byteValue.map(RequestedTransport::new),
                Arbitraries.just(new DontFragment()), Arbitraries.longs().map(ReservationToken::new),
                byteValue.map(RequestedAddressFamily::new), byteValue.map(AdditionalAddressFamily::new),
                Arbitraries.bytes().array(byte[].class).ofSize(32).map(Octets::of).map(Userhash::new),
                Combinators.combine(Arbitraries.integers().between(0, 127), Arbitraries.integers().between(0, 511),
                        Arbitraries.integers()).as(Icmp::new),
                address.map(ResponseOrigin::new), address.map(OtherAddress::new), octets.map(AccessToken::new),
                octets.map(MobilityTicket::new), text.map(ThirdPartyAuthorization::new),
                Arbitraries.integers().map(ConnectionId::new), Arbitraries.integers().between(0, 600).map(Padding::new),
                Arbitraries.integers().between(0, 0xFFFF).map(ResponsePort::new),
                Arbitraries.longs().between(0, 0xFFFFFFFFL).map(CacheTimeout::new),
                Combinators.combine(Arbitraries.of(true, false), Arbitraries.of(true, false)).as(ChangeRequest::new)))
                .list().ofMaxSize(12);
    }

    /** A lone surrogate has no UTF-8. */
    private static boolean isUtf8(String text) {
        return text.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE);
    }
}
