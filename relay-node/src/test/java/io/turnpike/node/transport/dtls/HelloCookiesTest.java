package io.turnpike.node.transport.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.ManualTime;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelloCookiesTest {
    private static final InetSocketAddress CLIENT = FakeSockets.address("192.0.2.1", 4_000);
    private static final byte[] RANDOM = Hellos.random(1);

    private final ManualTime time = new ManualTime();
    private final HelloCookies cookies = new HelloCookies(time::nanoTime, new SecureRandom());

    @Test
    void acceptsTheCookieThatWasSentToTheAddress() {
        assertThat(accepts(Hellos.second(RANDOM, cookieFor(CLIENT)), CLIENT)).isTrue();
    }

    @Test
    void refusesTheCookieOfAnotherAddressOrPort() {
        byte[] cookie = cookieFor(CLIENT);

        assertThat(accepts(Hellos.second(RANDOM, cookie), FakeSockets.address("192.0.2.1", 4_001))).isFalse();
        assertThat(accepts(Hellos.second(RANDOM, cookie), FakeSockets.address("192.0.2.2", 4_000))).isFalse();
        assertThat(accepts(Hellos.second(RANDOM, cookie), FakeSockets.address("::ffff:192.0.2.1", 4_001))).isFalse();
        assertThat(accepts(Hellos.second(RANDOM, cookie), FakeSockets.address("2001:db8::1", 4_000))).isFalse();
    }

    @Test
    void refusesTheCookieOfAnotherHello() {
        assertThat(accepts(Hellos.second(Hellos.random(2), cookieFor(CLIENT)), CLIENT)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15})
    void refusesACookieWithAnyBitChanged(int index) {
        byte[] cookie = cookieFor(CLIENT);
        cookie[index] ^= 1;

        assertThat(accepts(Hellos.second(RANDOM, cookie), CLIENT)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 17, 32, 255})
    void refusesACookieOfAnotherLength(int bytes) {
        assertThat(accepts(Hellos.second(RANDOM, new byte[bytes]), CLIENT)).isFalse();
    }

    @Test
    void acceptsACookieForOneToTwoLivesOfItsSecret() {
        byte[] cookie = cookieFor(CLIENT);
        time.advance(HelloCookies.SECRET_LIFETIME);
        assertThat(accepts(Hellos.second(RANDOM, cookie), CLIENT)).isTrue();

        time.advance(HelloCookies.SECRET_LIFETIME);
        assertThat(accepts(Hellos.second(RANDOM, cookie), CLIENT)).isFalse();
        assertThat(accepts(Hellos.second(RANDOM, cookieFor(CLIENT)), CLIENT)).isTrue();
    }

    @Test
    void forgetsBothSecretsAfterALongRest() {
        byte[] cookie = cookieFor(CLIENT);
        time.advance(HelloCookies.SECRET_LIFETIME.multipliedBy(256));

        assertThat(accepts(Hellos.second(RANDOM, cookie), CLIENT)).isFalse();
    }

    @Test
    void answersWithLessThanItWasAskedAndTheRecordNumberOfTheQuestion() {
        byte[] asked = Hellos.first(RANDOM);
        asked[10] = 7;
        byte[] answer = answer(asked, CLIENT);

        assertThat(answer.length).isEqualTo(HelloCookies.ANSWER_BYTES).isLessThan(asked.length);
        assertThat(answer).startsWith(22, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 7);
        assertThat(answer[13]).isEqualTo((byte) 3);
    }

    private byte[] cookieFor(InetSocketAddress client) {
        return Hellos.cookie(answer(Hellos.first(RANDOM), client));
    }

    private byte[] answer(byte[] asked, InetSocketAddress client) {
        ByteBuf answer = Unpooled.buffer();
        cookies.writeAnswer(answer, read(asked), client);
        return ByteBufUtil.getBytes(answer);
    }

    private boolean accepts(byte[] datagram, InetSocketAddress client) {
        return cookies.accepts(read(datagram), client);
    }

    private static ClientHello read(byte[] datagram) {
        ClientHello hello = new ClientHello();
        assertThat(hello.wrap(Unpooled.wrappedBuffer(datagram))).isTrue();
        return hello;
    }
}
