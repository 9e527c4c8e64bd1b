package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.ID;
import static io.turnpike.stun.TestMessages.KEY;
import static io.turnpike.stun.TestMessages.address;
import static io.turnpike.stun.TestMessages.frame;
import static io.turnpike.stun.TestMessages.hex;
import static io.turnpike.stun.TestMessages.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.util.EnumSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

class StunFrameTest {

    private static final String HEADER_END = "2112a442 0102030405060708090a0b0c";

    @ParameterizedTest
    @CsvSource({
        // an empty Binding request, and one step away from it
        "0001 0000 2112a442 0102030405060708090a0b0c, NONE",
        "'', TOO_SHORT",
        "0001 0000 2112a442 0102030405060708090a0b, TOO_SHORT",
        "4001 0000 2112a442 0102030405060708090a0b0c, WRONG_KIND",
        "0001 0000 2112a443 0102030405060708090a0b0c, NO_MAGIC_COOKIE",
        "0001 0002 2112a442 0102030405060708090a0b0c 0000, LENGTH_NOT_ALIGNED",
        "0001 0004 2112a442 0102030405060708090a0b0c, LENGTH_MISMATCH",
        "0001 0000 2112a442 0102030405060708090a0b0c 00000000, LENGTH_MISMATCH",
        "0002 0000 2112a442 0102030405060708090a0b0c, UNKNOWN_METHOD",
        "3eef 0000 2112a442 0102030405060708090a0b0c, UNKNOWN_METHOD",
        "0006 0000 2112a442 0102030405060708090a0b0c, CLASS_NOT_ALLOWED",
        "0013 0000 2112a442 0102030405060708090a0b0c, CLASS_NOT_ALLOWED",
        "0016 0000 2112a442 0102030405060708090a0b0c, NONE",
        "0001 0004 2112a442 0102030405060708090a0b0c 00060001, ATTRIBUTE_OVERRUN",
        "0001 0008 2112a442 0102030405060708090a0b0c 0006ffff 00000000, ATTRIBUTE_OVERRUN",
        "0001 0008 2112a442 0102030405060708090a0b0c 00080004 00000000, INTEGRITY_LENGTH",
        "0001 0008 2112a442 0102030405060708090a0b0c 001c0004 00000000, INTEGRITY_LENGTH",
        "0001 0008 2112a442 0102030405060708090a0b0c 80280003 00000000, INTEGRITY_LENGTH",
        "0001 000c 2112a442 0102030405060708090a0b0c 80280004 00000000 80220000, FINGERPRINT_NOT_LAST"})
    void namesWhatIsWrong(String message, Malformed expected) {
        ByteBuf buffer = hex(message);

        assertThat(new StunFrame().wrap(buffer)).isEqualTo(expected);
        assertThat(buffer.readerIndex()).isZero();
        assertThat(buffer.refCnt()).isEqualTo(1);
    }

    @Test
    void everyMethodAndClassSurvivesTheMessageType() {
        for (StunMethod method : StunMethod.values()) {
            for (StunClass messageClass : StunClass.values()) {
                ByteBuf buffer = hex("%04x0000%s".formatted(method.messageType(messageClass), HEADER_END));
                StunFrame frame = new StunFrame();
                if (method.allows(messageClass)) {
                    assertThat(frame.wrap(buffer)).isEqualTo(Malformed.NONE);
                    assertThat(frame.method()).isEqualTo(method);
                    assertThat(frame.messageClass()).isEqualTo(messageClass);
                } else {
                    assertThat(frame.wrap(buffer)).isEqualTo(Malformed.CLASS_NOT_ALLOWED);
                }
            }
        }
        assertThat(StunMethod.BINDING.messageType(StunClass.ERROR_RESPONSE)).isEqualTo(0x0111);
        assertThat(StunMethod.CHANNEL_BIND.messageType(StunClass.SUCCESS_RESPONSE)).isEqualTo(0x0109);
    }

    @Test
    void readsAMessageInTheMiddleOfABuffer() {
        ByteBuf buffer = Unpooled.buffer().writeZero(7);
        request(buffer).add(new XorMappedAddress(address("2001:db8::1", 4711))).fingerprint();
        int length = buffer.writerIndex() - 7;
        buffer.writeZero(9);
        StunFrame frame = new StunFrame();

        assertThat(frame.wrap(buffer, 7, length)).isEqualTo(Malformed.NONE);
        assertThat(frame.messageBytes()).isEqualTo(length);
        assertThat(frame.transactionId()).isEqualTo(ID);
        assertThat(frame.get(XorMappedAddress.class)).contains(new XorMappedAddress(address("2001:db8::1", 4711)));
        assertThat(frame.fingerprintMatches()).isTrue();
    }

    @Test
    void forgetsTheMessageBefore() {
        ByteBuf first = Unpooled.buffer();
        request(first).add(new Lifetime(1)).integrity(KEY, IntegrityAlgorithm.HMAC_SHA1).fingerprint();
        ByteBuf second = Unpooled.buffer();
        request(second);
        StunFrame frame = frame(first);

        assertThat(frame.wrap(second)).isEqualTo(Malformed.NONE);
        assertThat(frame.has(AttributeType.LIFETIME)).isFalse();
        assertThat(frame.hasIntegrity()).isFalse();
        assertThat(frame.verifies(KEY, IntegrityAlgorithm.HMAC_SHA1)).isFalse();
        assertThat(frame.fingerprintMatches()).isFalse();
        assertThat(frame.fingerprintContradicts()).isFalse();
    }

    @Test
    void takesTheFirstOfDuplicates() {
        ByteBuf message = Unpooled.buffer();
        request(message).add(new Lifetime(600)).add(new Lifetime(0)).addRaw(AttributeType.LIFETIME.code(), new byte[1]);
        StunFrame frame = frame(message);

        assertThat(frame.get(Lifetime.class)).contains(new Lifetime(600));
        assertThat(frame.illFormed()).isEmpty();
    }

    @Test
    void listsEveryPeerAddressInOrder() {
        ByteBuf message = Unpooled.buffer();
        XorPeerAddress first = new XorPeerAddress(address("192.0.2.1", 1));
        XorPeerAddress second = new XorPeerAddress(address("2001:db8::2", 65535));
        request(message, StunMethod.CREATE_PERMISSION).add(first).add(new Software("x")).add(second)
                .integrity(KEY, IntegrityAlgorithm.HMAC_SHA1).add(new XorPeerAddress(address("192.0.2.9", 9)));

        assertThat(frame(message).peerAddresses()).containsExactly(first, second);
    }

    @Test
    void reportsAnIllFormedPeerAddressThatIsNotTheFirst() {
        ByteBuf message = Unpooled.buffer();
        request(message, StunMethod.CREATE_PERMISSION).addPeer(address("192.0.2.1", 1))
                .addRaw(AttributeType.XOR_PEER_ADDRESS.code(), new byte[8]);

        assertThat(frame(message).illFormed()).contains(AttributeType.XOR_PEER_ADDRESS);
    }

    @Test
    void ignoresWhatFollowsMessageIntegrity() {
        ByteBuf message = Unpooled.buffer();
        request(message).add(new Username("alice")).integrity(KEY, IntegrityAlgorithm.HMAC_SHA1)
                .add(new Lifetime(1)).add(new Username("mallory")).addRaw(0x7F00, new byte[0])
                .addRaw(AttributeType.REALM.code(), new byte[]{(byte) 0xFF}).fingerprint();
        StunFrame frame = frame(message);

        assertThat(frame.has(AttributeType.LIFETIME)).isFalse();
        assertThat(frame.get(Username.class)).contains(new Username("alice"));
        assertThat(frame.unknownRequired(EnumSet.allOf(AttributeType.class)).isEmpty()).isTrue();
        assertThat(frame.illFormed()).isEmpty();
        assertThat(frame.verifies(KEY, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
        assertThat(frame.fingerprintMatches()).isTrue();
    }

    @Test
    void honoursSha256AfterSha1AndNothingAfterSha256() {
        ByteBuf message = Unpooled.buffer();
        request(message).integrity(KEY, IntegrityAlgorithm.HMAC_SHA1).integrity(KEY, IntegrityAlgorithm.HMAC_SHA256)
                .add(new Lifetime(1)).fingerprint();
        StunFrame frame = frame(message);

        assertThat(frame.verifies(KEY, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
        assertThat(frame.verifies(KEY, IntegrityAlgorithm.HMAC_SHA256)).isTrue();
        assertThat(frame.has(AttributeType.LIFETIME)).isFalse();
    }

    @Test
    void ignoresMessageIntegrityAfterSha256() {
        ByteBuf message = Unpooled.buffer();
        request(message).integrity(KEY, IntegrityAlgorithm.HMAC_SHA256).integrity(KEY, IntegrityAlgorithm.HMAC_SHA1);
        StunFrame frame = frame(message);

        assertThat(frame.has(AttributeType.MESSAGE_INTEGRITY)).isFalse();
        assertThat(frame.verifies(KEY, IntegrityAlgorithm.HMAC_SHA1)).isFalse();
        assertThat(frame.verifies(KEY, IntegrityAlgorithm.HMAC_SHA256)).isTrue();
    }

    @Test
    void refusesAnotherKeyAndATruncatedSha256() {
        ByteBuf message = Unpooled.buffer();
        request(message).integrity(KEY, IntegrityAlgorithm.HMAC_SHA256);
        LongTermKey other = LongTermKey.md5("alice", "turnpike", "Secret");
        assertThat(frame(message).verifies(other, IntegrityAlgorithm.HMAC_SHA256)).isFalse();

        ByteBuf truncated = Unpooled.buffer();
        request(truncated).addRaw(AttributeType.MESSAGE_INTEGRITY_SHA256.code(), new byte[16]);
        StunFrame frame = frame(truncated.copy()); // which ends with the message: nothing may be read beyond
        assertThat(frame.hasIntegrity()).isTrue();
        assertThat(frame.verifies(KEY, IntegrityAlgorithm.HMAC_SHA256)).isFalse();
    }

    @Test
    void listsUnknownRequiredTypesOnceAndNoOptionalOnes() {
        ByteBuf message = Unpooled.buffer();
        request(message).addRaw(0x7F00, new byte[3]).addRaw(0xC000, new byte[1]).addRaw(0x7F00, new byte[0])
                .add(new DontFragment()).addRaw(0x0024, new byte[4]);
        EnumSet<AttributeType> understood = EnumSet.complementOf(EnumSet.of(AttributeType.DONT_FRAGMENT));

        assertThat(frame(message).unknownRequired(understood).types()).containsExactly(0x7F00, 0x001A, 0x0024);
    }

    @Test
    void boundsTheListOfUnknownTypes() {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = request(message);
        for (int code = 0x7000; code < 0x7400; code++) {
            builder.addRaw(code, new byte[0]);
        }

        assertThat(frame(message).unknownRequired(EnumSet.noneOf(AttributeType.class)).types())
                .hasSize(UnknownAttributes.MAX_REPORTED);
    }

    @Test
    void toleratesPaddingThatIsNotZero() {
        StunFrame frame = frame(hex("0001 0008" + HEADER_END + "00060001 61ffffff"));

        assertThat(frame.get(Username.class)).contains(new Username("a"));
        assertThat(frame.rawValue(AttributeType.USERNAME)).contains(Octets.of((byte) 'a'));
    }

    @Test
    void readsASendIndicationWithoutObjects() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.SEND, StunClass.INDICATION, ID)
                .addPeer(address("192.0.2.77", 50000)).addData(hex("0102030405"));
        StunFrame frame = frame(message);
        byte[] address = new byte[16];

        assertThat(frame.peerAddressBytes()).isEqualTo(4);
        assertThat(frame.peerIpv4()).isEqualTo(0xC000024D);
        assertThat(frame.peerPort()).isEqualTo(50000);
        assertThat(frame.copyPeerAddress(address, 0)).isEqualTo(4);
        assertThat(address).startsWith(192, 0, 2, 77);
        assertThat(frame.peerAddress()).isEqualTo(address("192.0.2.77", 50000));
        assertThat(hex(message.slice(frame.dataIndex(), frame.dataBytes()))).isEqualTo("0102030405");
        assertThat(frame.peerIpv6High()).isZero();
    }

    @Test
    void readsAnIpv6PeerWithoutObjects() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.SEND, StunClass.INDICATION, ID)
                .addPeer(address("2001:db8:1:2:3:4:5:6", 1));
        StunFrame frame = frame(message);

        assertThat(frame.peerAddressBytes()).isEqualTo(16);
        assertThat(frame.peerIpv6High()).isEqualTo(0x2001_0db8_0001_0002L);
        assertThat(frame.peerIpv6Low()).isEqualTo(0x0003_0004_0005_0006L);
        assertThat(frame.peerIpv4()).isZero();
        assertThat(frame.dataIndex()).isEqualTo(-1);
        assertThat(frame.dataBytes()).isEqualTo(-1);
    }

    @Test
    void saysThatThereIsNoPeerWhenItIsAbsentOrIllFormed() {
        ByteBuf absent = Unpooled.buffer();
        request(absent);
        ByteBuf illFormed = Unpooled.buffer();
        request(illFormed).addRaw(AttributeType.XOR_PEER_ADDRESS.code(), new byte[]{0, 2, 0, 0, 1, 2, 3, 4});

        for (ByteBuf message : new ByteBuf[]{absent, illFormed}) {
            StunFrame frame = frame(message);
            assertThat(frame.peerAddressBytes()).isZero();
            assertThat(frame.peerPort()).isEqualTo(-1);
            assertThat(frame.peerAddress()).isNull();
            assertThat(frame.peerAddresses()).isEmpty();
            assertThat(frame.copyPeerAddress(new byte[0], 0)).isZero();
        }
    }

    @Test
    void keepsAMappedAddressInItsDisguise() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.SEND, StunClass.INDICATION, ID)
                .addPeer(0L, 0x0000_FFFF_7F00_0001L, 9);
        StunFrame frame = frame(message);

        assertThat(frame.peerAddress().getAddress()).isInstanceOf(Inet6Address.class);
        assertThat(frame.peerIpv6Low()).isEqualTo(0x0000_FFFF_7F00_0001L);
    }
}
