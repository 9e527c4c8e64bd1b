package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.address;
import static io.turnpike.stun.TestMessages.frame;
import static io.turnpike.stun.TestMessages.hex;
import static io.turnpike.stun.TestMessages.vector;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** The messages of RFC 5769 and of RFC 8489 appendix B.1. */
class Rfc5769Test {

    private static final IntegrityKey SHORT_TERM = ShortTermKey.of("VOkJxbRl1RmTxUk/WvJxBt");
    private static final String MATRIX = "マトリックス";

    @Test
    void readsTheSampleRequest() {
        StunFrame frame = frame(vector("rfc5769-2.1-request"));

        assertThat(frame.method()).isEqualTo(StunMethod.BINDING);
        assertThat(frame.messageClass()).isEqualTo(StunClass.REQUEST);
        assertThat(frame.transactionId()).hasToString("b7e7a701bc34d686fa87dfae");
        assertThat(frame.get(Software.class)).contains(new Software("STUN test client"));
        assertThat(frame.get(Username.class)).contains(new Username("evtj:h6vY"));
        assertThat(frame.verifies(SHORT_TERM, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
        assertThat(frame.fingerprintMatches()).isTrue();
        assertThat(frame.illFormed()).isEmpty();
    }

    @Test
    void readsTheSampleIpv4Response() {
        StunFrame frame = frame(vector("rfc5769-2.2-ipv4-response"));

        assertThat(frame.messageClass()).isEqualTo(StunClass.SUCCESS_RESPONSE);
        assertThat(frame.get(Software.class)).contains(new Software("test vector"));
        assertThat(frame.get(XorMappedAddress.class)).contains(new XorMappedAddress(address("192.0.2.1", 32853)));
        assertThat(frame.verifies(SHORT_TERM, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
        assertThat(frame.fingerprintMatches()).isTrue();
    }

    @Test
    void readsTheSampleIpv6Response() {
        StunFrame frame = frame(vector("rfc5769-2.3-ipv6-response"));

        assertThat(frame.get(XorMappedAddress.class))
                .contains(new XorMappedAddress(address("2001:db8:1234:5678:11:2233:4455:6677", 32853)));
        assertThat(frame.verifies(SHORT_TERM, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
        assertThat(frame.fingerprintMatches()).isTrue();
    }

    @Test
    void readsTheLongTermRequest() {
        StunFrame frame = frame(vector("rfc5769-2.4-long-term-request"));
        LongTermKey key = LongTermKey.md5(MATRIX, "example.org", "TheMatrIX");

        assertThat(frame.get(Username.class)).contains(new Username(MATRIX));
        assertThat(frame.get(Nonce.class)).contains(new Nonce("f//499k954d6OL34oL9FSTvy64sA"));
        assertThat(frame.get(Realm.class)).contains(new Realm("example.org"));
        assertThat(frame.verifies(key, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
        assertThat(frame.has(AttributeType.FINGERPRINT)).isFalse();
    }

    @Test
    void writesTheLongTermRequestByteForByte() {
        ByteBuf expected = vector("rfc5769-2.4-long-term-request");
        ByteBuf out = Unpooled.buffer();
        new StunMessageBuilder()
                .begin(out, StunMethod.BINDING, StunClass.REQUEST, TransactionId.at(expected, 8))
                .add(new Username(MATRIX)).add(new Nonce("f//499k954d6OL34oL9FSTvy64sA"))
                .add(new Realm("example.org"))
                .integrity(LongTermKey.md5(MATRIX, "example.org", "TheMatrIX"), IntegrityAlgorithm.HMAC_SHA1);

        assertThat(hex(out)).isEqualTo(hex(expected));
    }

    @Test
    void readsAndWritesTheSha256RequestOfRfc8489() {
        ByteBuf expected = vector("rfc8489-b1-long-term-sha256-request");
        StunFrame frame = frame(expected);
        LongTermKey key = LongTermKey.sha256(MATRIX, "example.org", "TheMatrIX");
        Nonce nonce = new Nonce("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");

        assertThat(frame.get(Userhash.class)).contains(LongTermKey.userhash(MATRIX, "example.org"));
        assertThat(frame.get(Nonce.class)).contains(nonce);
        assertThat(frame.get(PasswordAlgorithm.class)).contains(new PasswordAlgorithm(PasswordHash.SHA256));
        assertThat(frame.verifies(key, IntegrityAlgorithm.HMAC_SHA256)).isTrue();
        assertThat(frame.verifies(key, IntegrityAlgorithm.HMAC_SHA1)).isFalse();

        ByteBuf out = Unpooled.buffer();
        new StunMessageBuilder()
                .begin(out, StunMethod.BINDING, StunClass.REQUEST, TransactionId.at(expected, 8))
                .add(LongTermKey.userhash(MATRIX, "example.org")).add(nonce).add(new Realm("example.org"))
                .add(new PasswordAlgorithm(PasswordHash.SHA256)).integrity(key, IntegrityAlgorithm.HMAC_SHA256);
        assertThat(hex(out)).isEqualTo(hex(expected));
    }

    @Test
    void refusesAVectorWithOneBitChanged() {
        ByteBuf message = vector("rfc5769-2.2-ipv4-response").copy();
        message.setByte(24, message.getByte(24) ^ 1);
        StunFrame frame = frame(message);

        assertThat(frame.verifies(SHORT_TERM, IntegrityAlgorithm.HMAC_SHA1)).isFalse();
        assertThat(frame.fingerprintMatches()).isFalse();
        assertThat(frame.fingerprintContradicts()).isTrue();
    }
}
