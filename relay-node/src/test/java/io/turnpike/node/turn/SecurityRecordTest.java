package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AuthenticationFailed;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.EvenPort;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.XorPeerAddress;
import io.turnpike.stun.XorRelayedAddress;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each flaw that other TURN servers had to publish, tried on this one. */
class SecurityRecordTest {
    private static final InetSocketAddress SERVER = FakeSockets.address("198.41.0.4", 3478);
    private static final InetSocketAddress PUBLIC_PEER = FakeSockets.address("198.41.0.10", 7000);
    private static final long MAPPED = 0xFFFF_0000_0000L;

    private final OneLoop loop = new OneLoop();
    private final TestClient client = loop.client("al");

    @BeforeEach
    void relayBothFamilies() {
        loop.sockets.relayIpv6();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "0.1.2.3", "::"})
    void cve202026262TheUnspecifiedAddressDoesNotReachLoopback(String unspecified) {
        client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));
        InetSocketAddress peer = FakeSockets.address(unspecified, 6379);

        assertThat(client.permit(peer).error()).isEqualTo(403);
        assertThat(client.bind(0x4000, peer).error()).isEqualTo(403);
        client.send(peer, new byte[10]);
        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(client.allocation().permissionCount()).isZero();
    }

    /** An IPv6 spelling of an IPv4 address, to an allocation of either family. */
    @ParameterizedTest
    @CsvSource({"0x7F000001", "0x00000000", "0x0A000001", "0xA9FEA9FE", "0xE0000001", "0xFFFFFFFF"})
    void cve202627624AMappedAddressIsTheIpv4AddressThatItSpells(long ipv4) {
        client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));

        assertThat(client.permitIpv6(0, MAPPED | ipv4, 6379).error()).isEqualTo(403);
        assertThat(client.bindIpv6(0x4000, 0, MAPPED | ipv4, 6379).error()).isEqualTo(403);
        assertThat(client.allocation().permissionCount()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 0x7F000001", // ::127.0.0.1
        "0, 0xFFFF00007F000001", // ::ffff:0:127.0.0.1
        "0x0064FF9B00000000, 0x0A000001", "0x0064FF9B00010000, 0x7F000001", // NAT64
        "0x20027F0000010000, 1", "0x20020A0000010000, 1", // 6to4
        "0x2001000008080808, 0x80FFFFFE", // Teredo
        "0x2A00145000010001, 0x00005EFE7F000001", "0x2A00145000010001, 0x02005EFE0A000001", // ISATAP
        "0xFEC0000000000000, 1"}) // site-local
    void cve202627624NoOtherDisguiseReachesAPrivateAddress(String high, String low) {
        client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));

        assertThat(client.permitIpv6(word(high), word(low), 6379).error()).isEqualTo(403);
    }

    private static long word(String hex) {
        return Long.parseUnsignedLong(hex.replace("0x", ""), 16);
    }

    /** A comparison word by word, or a signed one, lets addresses in the middle of a wide range through. */
    @ParameterizedTest
    @CsvSource({"fc00::, 403", "fcff:ffff:1:0:ffff::, 403", "fdff:0:ffff::1, 403", "fe7f:ffff::1, 403",
        "fe80::ffff:0:0:1, 403", "febf:1::, 403", "ff00::1, 403", "ffff:0:0:1::, 403", "8000::1, 403",
        "7fff:ffff::1, 403", "2001:db8:ffff:1:0:0:0:1, 403", "2001:1ff:0:ffff::, 403", "2001:200::1, 0",
        "2000:ffff:0:ffff::1, 0", "2a00:1450:4001:81b::200e, 0", "3ffe:ffff:ffff:ffff::, 0"})
    void ipv6RangesAreComparedAsUnsignedNumbersOf128Bits(String peer, int error) {
        client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));

        assertThat(client.permit(FakeSockets.address(peer, 80)).error()).isEqualTo(error);
    }

    @Test
    void attributesBehindTheIntegrityAreNotActedUpon() {
        client.allocate();
        XorPeerAddress peer = new XorPeerAddress(PUBLIC_PEER);

        assertThat(client.requestWithUnsigned(StunMethod.CREATE_PERMISSION, List.of(), peer).error()).isEqualTo(400);
        assertThat(client.allocation().permissionCount()).isZero();
        // Somebody on the way adds LIFETIME 0: the allocation stays.
        Answer refreshed = client.requestWithUnsigned(StunMethod.REFRESH, List.of(), new Lifetime(0));
        assertThat(refreshed.attribute(Lifetime.class).seconds()).isEqualTo(600);
        assertThat(client.allocation()).isNotNull();
        assertThat(client.requestWithUnsigned(StunMethod.CREATE_PERMISSION, List.of(peer),
                new XorPeerAddress(FakeSockets.address("127.0.0.1", 1))).isSuccess()).isTrue();
        assertThat(client.allocation().permissionCount()).isOne();
    }

    @Test
    void evenPortWithoutReservationHoldsNoSecondPort() {
        OneLoop two = new OneLoop(QuotaPolicy.OFF, 50_000, 50_001);
        assertThat(two.client("al").allocate(new EvenPort(false)).isSuccess()).isTrue();

        assertThat(two.client("bo").allocate().isSuccess()).isTrue();
        assertThat(two.client("bo").allocate().error()).isEqualTo(508);
    }

    /** Names reach neither a format string nor a query nor a path: they are bytes that are compared and passed on. */
    @ParameterizedTest
    @ValueSource(strings = {"%s%n%x%p%1000000d", "{}{}", "${x}", "a' OR '1'='1", "a; DROP TABLE users;--", "a\\nb",
        "*)(uid=*"})
    void ghsa4g7cp5wgj4hpAndGhsaV8hj2xx7Xmp5AUserNameIsOnlyCompared(String name) {
        OneLoop named = new OneLoop(ConfigFactory.parseMap(Map.of("auth.users",
                List.of(Map.of("tenant", "demo", "user", name, "password", "secret")))));

        assertThat(named.client(name + "x").allocate().error()).isEqualTo(401);
        assertThat(named.events(AuthenticationFailed.class)).extracting(AuthenticationFailed::userId)
                .containsExactly(name + "x");
        assertThat(named.client(name).allocate().isSuccess()).isTrue();
        assertThat(named.events(AllocationCreated.class)).extracting(event -> event.allocation().userId())
                .containsExactly(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "${jndi:ldap://x/a}", "/", ":", "//::", "demo/", "4102444800:demo:%s",
        "99999999999999999999:demo:al", "-1:demo:al", "\u0000"})
    void ghsa4g7cp5wgj4hpANameThatLooksLikeSomethingElseIsUnknown(String name) {
        assertThat(loop.client(name).allocate().error()).isEqualTo(401);
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void aBindingIsAnsweredWithAtMost16TenthsOfItsBytesOverIpv4AndWith22OverIpv6() {
        assertThat(ratio("203.0.112.9", StunMethod.BINDING)).isLessThanOrEqualTo(1.6);
        assertThat(ratio("2001:4860::9", StunMethod.BINDING)).isLessThanOrEqualTo(2.2);
    }

    /** With the longest realm that leaves room for it; whatever the method, and whatever the source. */
    @ParameterizedTest
    @CsvSource({"ALLOCATE", "REFRESH", "CREATE_PERMISSION", "CHANNEL_BIND"})
    void a401HasAtMost120Bytes(StunMethod method) {
        for (String source : List.of("203.0.112.9", "2001:4860::9")) {
            assertThat(answerTo(source, method, true).length).isLessThanOrEqualTo(120);
        }
    }

    /** 420 to a Binding names what it does not know in few bytes. */
    @Test
    void a420OfABindingIsSmallerThanTwiceTheRequest() {
        ByteBuf request = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(request, StunMethod.BINDING, StunClass.REQUEST,
                new TransactionId(1, 2));
        for (int code = 0x7000; code < 0x7100; code++) {
            builder.addRaw(code, new byte[0]);
        }
        FakeLeg leg = leg(FakeSockets.address("203.0.112.9", 40_000));
        loop.receive(ByteBufUtil.getBytes(request), leg);

        assertThat(leg.nextControl().length).isLessThan(2 * request.readableBytes());
    }

    @Test
    void aSpoofedFloodIsAnsweredUpToTheBudgetAndTheRestIsCounted() {
        int answered = 0;
        for (int i = 0; i < 10_000; i++) {
            answered += answerTo("203.0.112." + i % 256, StunMethod.BINDING, false) == null ? 0 : 1;
        }

        assertThat(answered).isEqualTo(4_000);
        assertThat(loop.dropped(DropReason.ANSWER_BUDGET)).isEqualTo(6_000);
    }

    /** Who has an allocation, or signs its requests, is never short of answers for what its neighbours do. */
    @Test
    void authenticatedUsersAreNotLimitedWhenTheirNetworkFloods() {
        client.allocate();
        // The client's own network, 203.0.112.0/24.
        for (int i = 0; i < 10_000; i++) {
            answerTo("203.0.112." + i % 256, StunMethod.BINDING, false);
            answerTo("203.0.112." + i % 256, StunMethod.ALLOCATE, false);
        }

        for (int i = 0; i < 100; i++) {
            assertThat(client.request(StunMethod.REFRESH).isSuccess()).isTrue();
            assertThat(client.unauthenticated(StunMethod.BINDING).isSuccess()).isTrue();
        }
        // A nonce that has run out is told to whoever knows the password.
        loop.pass(Duration.ofSeconds(590));
        client.request(StunMethod.REFRESH);
        loop.pass(Duration.ofSeconds(20));
        for (int i = 0; i < 10_000; i++) {
            answerTo("203.0.112." + i % 256, StunMethod.ALLOCATE, false);
        }
        assertThat(client.request(StunMethod.REFRESH).isSuccess()).isTrue();
    }

    @Test
    void nothingIsKeptForASpoofedSource() {
        answerTo("20.0.0.1", StunMethod.ALLOCATE, false);
        long before = heapBytes();
        for (int i = 0; i < 20_000; i++) {
            String source = "20." + (i >>> 16) + "." + (i >>> 8 & 0xFF) + "." + (i & 0xFF);
            answerTo(source, i % 2 == 0 ? StunMethod.ALLOCATE : StunMethod.BINDING, false);
        }

        // An entry of a map would be more than 100 bytes for each of them.
        assertThat(heapBytes() - before).isLessThan(20_000 * 50);
        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.events).isEmpty();
    }

    @Test
    void aFreedPortRestsBeforeAnotherUserGetsIt() {
        OneLoop ten = new OneLoop(QuotaPolicy.OFF, 50_000, 50_009);
        TestClient first = ten.client("al");
        int port = first.allocate().attribute(XorRelayedAddress.class).address().getPort();
        first.request(StunMethod.REFRESH, new Lifetime(0));
        Set<Integer> others = new HashSet<>();
        for (int i = 0; i < 9; i++) {
            others.add(ten.client("bo").allocate().attribute(XorRelayedAddress.class).address().getPort());
        }

        assertThat(others).hasSize(9).doesNotContain(port);
    }

    private double ratio(String source, StunMethod method) {
        return (double) answerTo(source, method, false).length / StunFrame.HEADER_BYTES;
    }

    /** The answer to a request without credentials, or null; the request has 20 bytes, or 28 with FINGERPRINT. */
    private byte[] answerTo(String source, StunMethod method, boolean fingerprint) {
        ByteBuf request = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(request, method, StunClass.REQUEST,
                new TransactionId(1, 2));
        if (fingerprint) {
            builder.fingerprint();
        }
        FakeLeg leg = leg(FakeSockets.address(source, 40_999));
        loop.receive(ByteBufUtil.getBytes(request), leg);
        return leg.nextControl();
    }

    private static FakeLeg leg(InetSocketAddress source) {
        return new FakeLeg(new FiveTuple(ClientTransport.UDP, source, SERVER), false);
    }

    private static long heapBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
