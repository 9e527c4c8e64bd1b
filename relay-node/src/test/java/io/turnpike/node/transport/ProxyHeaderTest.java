package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.transport.ProxyHeader.Outcome;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
    private static final InetSocketAddress CLIENT = FakeSockets.address("192.0.2.7", 49_321);
    private static final InetSocketAddress SERVER = FakeSockets.address("198.51.100.1", 3_478);
    private static final InetSocketAddress CLIENT6 = FakeSockets.address("2001:db8::7", 49_321);
    private static final InetSocketAddress SERVER6 = FakeSockets.address("2001:db8::1", 5_349);
    private static final byte[] REQUEST = {0, 1, 0, 0};

    static Stream<byte[]> headers() {
        return Stream.of(ProxyHeaders.line(CLIENT, SERVER), ProxyHeaders.line(CLIENT6, SERVER6),
                ProxyHeaders.binary(CLIENT, SERVER), ProxyHeaders.binary(CLIENT6, SERVER6),
                ProxyHeaders.binary(CLIENT, SERVER, (byte) 0x20, (byte) 0xFF, (byte) 0xFF, (byte) 1));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void namesTheClientAndLeavesWhatFollows(byte[] bytes) {
        ProxyHeader header = read(concat(bytes, REQUEST));

        assertThat(header.outcome()).isEqualTo(Outcome.COMPLETE);
        assertThat(header.bytes()).isEqualTo(bytes.length);
        assertThat(header.named()).hasValueSatisfying(named -> {
            assertThat(named.client()).isIn(CLIENT, CLIENT6);
            assertThat(named.server()).isIn(SERVER, SERVER6);
        });
    }

    @ParameterizedTest
    @MethodSource("headers")
    void waitsForTheRestAtEveryByte(byte[] bytes) {
        for (int length = 0; length < bytes.length; length++) {
            assertThat(read(Arrays.copyOf(bytes, length)).outcome()).as("%d bytes", length)
                    .isEqualTo(Outcome.INCOMPLETE);
        }
    }

    @Test
    void leavesTheIndexesWhereTheyAre() {
        ByteBuf bytes = Unpooled.wrappedBuffer(concat(new byte[3], ProxyHeaders.binary(CLIENT, SERVER))).skipBytes(3);

        assertThat(ProxyHeader.read(bytes).named()).contains(new ConnectionAddresses(CLIENT, SERVER));
        assertThat(bytes.readerIndex()).isEqualTo(3);
    }

    static Stream<byte[]> withoutAddresses() {
        byte[] unix = new byte[216];
        return Stream.of(ProxyHeaders.line("PROXY UNKNOWN"),
                ProxyHeaders.line("PROXY UNKNOWN ffff:ffff::1 what ever 65536"),
                ProxyHeaders.binary(ProxyHeaders.LOCAL, ProxyHeaders.UNSPECIFIED, new byte[0]),
                ProxyHeaders.binary(ProxyHeaders.LOCAL, ProxyHeaders.TCP4, new byte[12]),
                ProxyHeaders.binary(ProxyHeaders.LOCAL, 0x7F, new byte[3]),
                ProxyHeaders.binary(ProxyHeaders.PROXY, ProxyHeaders.UNSPECIFIED, new byte[7]),
                ProxyHeaders.binary(ProxyHeaders.PROXY, ProxyHeaders.UNIX, unix));
    }

    @ParameterizedTest
    @MethodSource("withoutAddresses")
    void keepsTheSocketsAddressesForLocalUnknownUnspecifiedAndUnix(byte[] bytes) {
        ProxyHeader header = read(concat(bytes, REQUEST));

        assertThat(header).isEqualTo(new ProxyHeader(Outcome.COMPLETE, bytes.length, java.util.Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY", "PROXY ", "PROXY  TCP4 1.2.3.4 1.2.3.5 1 2", "PROXY TCP5 1.2.3.4 1.2.3.5 1 2",
        "PROXY tcp4 1.2.3.4 1.2.3.5 1 2", "PROXY TCP4 1.2.3.4 1.2.3.5 1", "PROXY TCP4 1.2.3.4 1.2.3.5 1 2 ",
        "PROXY TCP4 1.2.3.4 1.2.3.5 1 2 3", "PROXY TCP4 1.2.3 1.2.3.5 1 2", "PROXY TCP4 01.2.3.4 1.2.3.5 1 2",
        "PROXY TCP4 1.2.3.256 1.2.3.5 1 2", "PROXY TCP4 ::1 ::2 1 2", "PROXY TCP6 1.2.3.4 1.2.3.5 1 2",
        "PROXY TCP6 [::1] ::2 1 2", "PROXY TCP6 fe80::1%1 ::2 1 2", "PROXY TCP6 :::1 ::2 1 2",
        "PROXY TCP4 a.b.c.d 1.2.3.5 1 2", "PROXY TCP4 1.2.3.4 1.2.3.5 65536 2", "PROXY TCP4 1.2.3.4 1.2.3.5 01 2",
        "PROXY TCP4 1.2.3.4 1.2.3.5 -1 2", "PROXY TCP4 1.2.3.4 1.2.3.5 +1 2", "PROXY TCP4 1.2.3.4 1.2.3.5 1 ",
        "PROXY TCP4 1.2.3.4 1.2.3.5 99999999999 2", "PROXY UNKNOWNS", "PROXY\tTCP4 1.2.3.4 1.2.3.5 1 2"})
    void refusesALineThatIsNoHeader(String text) {
        assertThat(read(ProxyHeaders.line(text)).outcome()).isEqualTo(Outcome.MALFORMED);
    }

    @Test
    void refusesALineWithoutItsEndOrWithHalfOfIt() {
        assertThat(read("PROXY TCP4 1.2.3.4 1.2.3.5 1 2\n".getBytes()).outcome()).isEqualTo(Outcome.MALFORMED);
        byte[] endless = new byte[107];
        Arrays.fill(endless, (byte) ' ');
        System.arraycopy("PROXY UNKNOWN".getBytes(), 0, endless, 0, 13);
        assertThat(read(Arrays.copyOf(endless, 106)).outcome()).isEqualTo(Outcome.INCOMPLETE);
        assertThat(read(endless).outcome()).isEqualTo(Outcome.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x11, 0x22, 0x2F, 0x31, 0xFF})
    void refusesAnotherVersionOrCommandAsSoonAsItIsThere(int command) {
        byte[] header = ProxyHeaders.binary(command, ProxyHeaders.TCP4, new byte[12]);

        assertThat(read(header).outcome()).isEqualTo(Outcome.MALFORMED);
        assertThat(read(Arrays.copyOf(header, 13)).outcome()).isEqualTo(Outcome.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(ints = {ProxyHeaders.UDP4, 0x22, 0x32, 0x01, 0x10, 0x41, 0xFF})
    void refusesAFamilyThatNoProxyOfAStreamMaySend(int family) {
        assertThat(read(ProxyHeaders.binary(ProxyHeaders.PROXY, family, new byte[216])).outcome())
                .isEqualTo(Outcome.MALFORMED);
    }

    @Test
    void refusesAddressesThatAreCutOffAndHeadersWithoutMeasure() {
        assertThat(read(ProxyHeaders.binary(ProxyHeaders.PROXY, ProxyHeaders.TCP4, new byte[11])).outcome())
                .isEqualTo(Outcome.MALFORMED);
        assertThat(read(ProxyHeaders.binary(ProxyHeaders.PROXY, ProxyHeaders.TCP6, new byte[35])).outcome())
                .isEqualTo(Outcome.MALFORMED);
        assertThat(read(ProxyHeaders.binary(ProxyHeaders.PROXY, ProxyHeaders.UNIX, new byte[215])).outcome())
                .isEqualTo(Outcome.MALFORMED);
        byte[] longest = ProxyHeaders.binary(ProxyHeaders.LOCAL, 0, new byte[ProxyHeader.MAX_BYTES - 16]);
        assertThat(read(longest).outcome()).isEqualTo(Outcome.COMPLETE);
        byte[] longer = ProxyHeaders.binary(ProxyHeaders.LOCAL, 0, new byte[ProxyHeader.MAX_BYTES - 15]);
        assertThat(read(Arrays.copyOf(longer, 16)).outcome()).isEqualTo(Outcome.MALFORMED);
    }

    @Test
    void refusesTurnAndTlsAtTheirFirstByte() {
        assertThat(read(new byte[]{0}).outcome()).isEqualTo(Outcome.MALFORMED);
        assertThat(read(new byte[]{0x16}).outcome()).isEqualTo(Outcome.MALFORMED);
        assertThat(read(new byte[]{0x40}).outcome()).isEqualTo(Outcome.MALFORMED);
        assertThat(read("PROXZ".getBytes()).outcome()).isEqualTo(Outcome.MALFORMED);
    }

    private static ProxyHeader read(byte[] bytes) {
        return ProxyHeader.read(Unpooled.wrappedBuffer(bytes));
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
