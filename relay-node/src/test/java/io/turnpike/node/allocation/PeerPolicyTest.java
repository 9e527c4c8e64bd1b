package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import io.turnpike.node.config.CidrBlock;
import io.turnpike.node.config.PeerRules;
import io.turnpike.node.config.RelayConfig.PeersConfig;
import io.turnpike.node.event.PeerClass;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerPolicyTest {
    private final RelayedAddresses relayed = new RelayedAddresses();
    private final RelayedAddresses relayedTcp = new RelayedAddresses();
    private final PeerPolicy policy = policy(List.of(), List.of());

    /** First and last address of every block of the IANA special-purpose registries, and multicast. */
    @ParameterizedTest
    @CsvSource({
        // CVE-2020-26262: 0.0.0.0 and :: reach loopback.
        "0.0.0.0, DENIED_RANGE", "0.255.255.255, DENIED_RANGE", "::, DENIED_RANGE", "127.0.0.0, LOOPBACK",
        "127.0.0.1, LOOPBACK", "127.255.255.255, LOOPBACK", "::1, LOOPBACK",
        "10.0.0.0, PRIVATE", "10.255.255.255, PRIVATE", "172.16.0.0, PRIVATE", "172.31.255.255, PRIVATE",
        "192.168.0.0, PRIVATE", "192.168.255.255, PRIVATE", "100.64.0.0, PRIVATE", "100.127.255.255, PRIVATE",
        "169.254.0.0, DENIED_RANGE", "169.254.169.254, DENIED_RANGE", "169.254.255.255, DENIED_RANGE",
        "192.0.0.0, DENIED_RANGE", "192.0.0.170, DENIED_RANGE", "192.0.0.255, DENIED_RANGE",
        "192.0.2.0, DENIED_RANGE", "192.0.2.255, DENIED_RANGE", "192.31.196.0, DENIED_RANGE",
        "192.31.196.255, DENIED_RANGE", "192.52.193.0, DENIED_RANGE", "192.52.193.255, DENIED_RANGE",
        "192.88.99.0, DENIED_RANGE", "192.88.99.255, DENIED_RANGE", "192.175.48.0, DENIED_RANGE",
        "192.175.48.255, DENIED_RANGE", "198.18.0.0, DENIED_RANGE", "198.19.255.255, DENIED_RANGE",
        "198.51.100.0, DENIED_RANGE", "198.51.100.255, DENIED_RANGE", "203.0.113.0, DENIED_RANGE",
        "203.0.113.255, DENIED_RANGE", "224.0.0.0, DENIED_RANGE", "239.255.255.255, DENIED_RANGE",
        "240.0.0.0, DENIED_RANGE", "255.255.255.254, DENIED_RANGE", "255.255.255.255, DENIED_RANGE",
        // IPv6: half of these are negative numbers in Java, which a signed compare lets through.
        "fc00::, PRIVATE", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, PRIVATE", "fe80::, DENIED_RANGE",
        "fe80::1, DENIED_RANGE", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE", "fec0::, DENIED_RANGE",
        "feff:ffff::, DENIED_RANGE", "ff00::, DENIED_RANGE", "ff02::1, DENIED_RANGE",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE", "64:ff9b::, DENIED_RANGE",
        "64:ff9b:1::, DENIED_RANGE", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE", "100::, DENIED_RANGE",
        "100::ffff:ffff:ffff:ffff, DENIED_RANGE", "100:0:0:1::, DENIED_RANGE", "2001::, DENIED_RANGE",
        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE", "2001:2::, DENIED_RANGE", "2001:10::, DENIED_RANGE",
        "2001:20::, DENIED_RANGE", "2001:30::, DENIED_RANGE", "2001:db8::, DENIED_RANGE",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE", "2002::, DENIED_RANGE",
        "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE", "2620:4f:8000::, DENIED_RANGE",
        "2620:4f:8000:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE", "3fff::, DENIED_RANGE",
        "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE", "5f00::, DENIED_RANGE",
        // Outside global unicast, in no registry.
        "::2, DENIED_RANGE", "1::1, DENIED_RANGE", "4000::1, DENIED_RANGE", "8000::1, DENIED_RANGE",
        "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, DENIED_RANGE"})
    void deniesSpecialPurposeAddresses(String address, PeerClass peerClass) {
        Verdict verdict = check(policy, address);

        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.peerClass()).isEqualTo(peerClass);
    }

    /** The neighbours of the blocks above, and ordinary addresses. */
    @ParameterizedTest
    @ValueSource(strings = {"1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.31.195.255", "192.31.197.0", "192.52.192.255",
        "192.52.194.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "192.175.47.255",
        "192.175.49.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255",
        "203.0.114.0", "223.255.255.255", "2000::1", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::1",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "2001:ffff::1", "2003::1",
        "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::", "2a00:1450:4001:81b::200e", "3ffe::1",
        "3fff:1000::"})
    void allowsPublicAddresses(String address) {
        assertThat(check(policy, address)).isEqualTo(Verdict.ALLOWED_PUBLIC);
    }

    /** CVE-2026-27624 and its relatives: loopback, private and unspecified addresses in an IPv6 disguise. */
    @ParameterizedTest
    @ValueSource(strings = {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0.0.0.0", "::ffff:169.254.169.254",
        "::ffff:224.0.0.1", "::ffff:255.255.255.255", // IPv4-mapped
        "::127.0.0.1", "::10.0.0.1", // IPv4-compatible
        "::ffff:0:127.0.0.1", // IPv4-translated
        "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::127.0.0.1", // NAT64
        "64:ff9b:1:7f00:0:100::", // NAT64 with the /48 layout
        "64:ff9b:1:7f:0:1::", "64:ff9b:1:5:7f:0:100::", // ... with the /56 and the /64 layout
        "2002:7f00:1::", "2002:a00:1::1", // 6to4
        "2001:0:7f00:1::", "2001:0:808:808:0:0:80ff:fffe", // Teredo: server, client (inverted)
        "2a00:1450:1:1:0:5efe:7f00:1", "2a00:1450:1:1:200:5efe:a00:1" // ISATAP under a public prefix
    })
    void deniesIpv4InIpv6EvenIfTheOperatorAllowsTheDisguise(String address) {
        PeerPolicy permissive = policy(
                List.of("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
                List.of());

        assertThat(check(policy, address).allowed()).isFalse();
        assertThat(check(permissive, address).allowed()).isFalse();
    }

    @Test
    void allowsADisguiseOnlyIfBothItAndTheHiddenAddressAreAllowed() {
        PeerPolicy nat64 = policy(List.of("64:ff9b::/96"), List.of());
        PeerPolicy both = policy(List.of("64:ff9b::/96", "10.1.0.0/16"), List.of());
        PeerPolicy denied = policy(List.of("64:ff9b::/96"), List.of("8.8.8.0/24"));

        assertThat(check(policy, "64:ff9b::8.8.8.8").allowed()).isFalse();
        assertThat(check(nat64, "64:ff9b::8.8.8.8").allowed()).isTrue();
        assertThat(check(nat64, "64:ff9b::10.1.0.1").allowed()).isFalse();
        assertThat(check(both, "64:ff9b::10.1.0.1").allowed()).isTrue();
        assertThat(check(denied, "64:ff9b::8.8.8.8").allowed()).isFalse();
        assertThat(check(policy, "2a00:1450:1:1:0:5efe:808:808").allowed()).isTrue();
    }

    @Property(tries = 2_000)
    void judgesAMappedAddressExactlyAsTheIpv4Address(@ForAll @Size(4) byte[] ipv4) {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xFF;
        System.arraycopy(ipv4, 0, mapped, 12, 4);

        assertThat(policy.check(mapped, 5_000, PeerRules.NONE)).isEqualTo(policy.check(ipv4, 5_000, PeerRules.NONE));
    }

    @Property(tries = 2_000)
    void agreesWithARuleByRuleReading(@ForAll @Size(16) byte[] address) {
        long high = ByteBuffer.wrap(address).getLong();
        long low = ByteBuffer.wrap(address).getLong(8);
        int ipv4 = (int) (high >>> 32);
        boolean special = SpecialPurposeRanges.all().keySet().stream().anyMatch(block -> block.contains(ipv4));
        boolean global = (address[0] & 0xE0) == 0x20
                && SpecialPurposeRanges.all().keySet().stream().noneMatch(block -> block.contains(high, low));

        assertThat(policy.check(Arrays.copyOf(address, 4), 5_000, PeerRules.NONE).allowed()).isEqualTo(!special);
        assertThat(policy.check(address, 5_000, PeerRules.NONE).allowed()).isEqualTo(global);
    }

    @Test
    void listsEachSpecialPurposeBlockOnce() {
        List<CidrBlock> blocks = List.copyOf(SpecialPurposeRanges.all().keySet());

        for (CidrBlock block : blocks) {
            assertThat(blocks.stream().filter(other -> !other.equals(block))
                    .noneMatch(other -> other.ipv6() == block.ipv6() && (block.ipv6()
                            ? other.contains(block.high(), block.low())
                            : other.contains((int) block.low()))))
                    .as(block.toString()).isTrue();
        }
    }

    @Test
    void followsAllowAndDenyListsAndLetsDenyWin() {
        PeerPolicy lists = policy(List.of("10.0.0.0/8", "fd00::/8", "127.0.0.0/8"),
                List.of("10.9.0.0/16", "8.8.8.8", "2a00:1450::/32"));

        assertThat(check(lists, "10.1.2.3")).isEqualTo(Verdict.ALLOWED_PRIVATE);
        assertThat(check(lists, "127.0.0.1")).isEqualTo(Verdict.ALLOWED_LOOPBACK);
        assertThat(check(lists, "fd00::1")).isEqualTo(Verdict.ALLOWED_PRIVATE);
        assertThat(check(lists, "fc00::1")).isEqualTo(Verdict.DENIED_PRIVATE);
        assertThat(check(lists, "10.9.2.3")).isEqualTo(Verdict.FORBIDDEN_PRIVATE);
        assertThat(check(lists, "8.8.8.8")).isEqualTo(Verdict.DENIED_SPECIAL);
        assertThat(check(lists, "8.8.8.9")).isEqualTo(Verdict.ALLOWED_PUBLIC);
        assertThat(check(lists, "2a00:1450::1")).isEqualTo(Verdict.DENIED_SPECIAL);
        assertThat(check(lists, "::ffff:10.1.2.3")).isEqualTo(Verdict.ALLOWED_PRIVATE);
    }

    @Test
    void mayBeToldToAllowOrDenyEverything() {
        assertThat(check(policy(List.of("0.0.0.0/0", "::/0"), List.of()), "ff02::1").allowed()).isTrue();
        assertThat(check(policy(List.of("0.0.0.0/0", "::/0"), List.of()), "0.0.0.0").allowed()).isTrue();
        assertThat(check(policy(List.of(), List.of("0.0.0.0/0")), "8.8.8.8").allowed()).isFalse();
        assertThat(check(policy(List.of(), List.of("::/0")), "2a00:1450::1").allowed()).isFalse();
    }

    @Test
    void deniesTheClustersOwnServicesByAddressAndPortOnAllowedAddresses() {
        PeerPolicy lists = policy(List.of("127.0.0.0/8", "::1"), List.of());
        lists.denyServices(List.of(new InetSocketAddress("127.0.0.1", 9_092), new InetSocketAddress("::1", 3_478),
                new InetSocketAddress("203.0.114.7", 8_080)));

        assertThat(lists.check(new InetSocketAddress("127.0.0.1", 9_092), PeerRules.NONE).allowed()).isFalse();
        assertThat(lists.check(new InetSocketAddress("127.0.0.1", 9_093), PeerRules.NONE).allowed()).isTrue();
        assertThat(lists.check(new InetSocketAddress("127.0.0.2", 9_092), PeerRules.NONE).allowed()).isTrue();
        assertThat(lists.check(new InetSocketAddress("::1", 3_478), PeerRules.NONE).allowed()).isFalse();
        assertThat(lists.check(new InetSocketAddress("::1", 3_479), PeerRules.NONE).allowed()).isTrue();
        assertThat(lists.check(new InetSocketAddress("203.0.114.7", 8_080), PeerRules.NONE))
                .isEqualTo(Verdict.DENIED_SPECIAL);
        assertThat(lists.checkHost(address("127.0.0.1"), PeerRules.NONE).allowed()).isTrue();
    }

    @Test
    void deniesAnOwnServiceThatHidesInAnIpv6Address() {
        PeerPolicy lists = policy(List.of("64:ff9b::/96"), List.of());
        lists.denyServices(List.of(new InetSocketAddress("203.0.114.7", 8_080)));

        assertThat(lists.check(new InetSocketAddress("64:ff9b::203.0.114.7", 8_080), PeerRules.NONE).allowed())
                .isFalse();
        assertThat(lists.check(new InetSocketAddress("64:ff9b::203.0.114.7", 8_081), PeerRules.NONE).allowed())
                .isTrue();
        byte[] mapped = NetUtil.createByteArrayFromIpAddressString("::ffff:203.0.114.7");
        assertThat(lists.check(mapped, 8_080, PeerRules.NONE).allowed()).isFalse();
    }

    @Test
    void deniesAServiceOnAWildcardAddressOnEveryLocalAddress() {
        PeerPolicy lists = policy(List.of("127.0.0.0/8"), List.of());
        lists.denyServices(List.of(new InetSocketAddress("0.0.0.0", 3_478)));

        assertThat(lists.check(new InetSocketAddress("127.0.0.1", 3_478), PeerRules.NONE).allowed()).isFalse();
        assertThat(lists.check(new InetSocketAddress("127.0.0.1", 3_480), PeerRules.NONE).allowed()).isTrue();
    }

    @Test
    void allowsTheRelayedTransportAddressesOfLiveAllocationsAndNothingBesideThem() {
        InetSocketAddress live = new InetSocketAddress("127.0.0.1", 50_000);
        relayed.add(live);

        assertThat(policy.check(live, PeerRules.NONE)).isEqualTo(Verdict.ALLOWED_LOOPBACK);
        assertThat(policy.checkHost(live.getAddress(), PeerRules.NONE).allowed()).isTrue();
        assertThat(policy.check(new InetSocketAddress("127.0.0.1", 50_001), PeerRules.NONE).allowed()).isFalse();
        assertThat(policy.checkHost(address("127.0.0.2"), PeerRules.NONE).allowed()).isFalse();

        relayed.remove(live);
        assertThat(policy.check(live, PeerRules.NONE).allowed()).isFalse();
        assertThat(policy.checkHost(live.getAddress(), PeerRules.NONE).allowed()).isFalse();
    }

    /** Another program may listen on the TCP port that has the number of a relayed UDP port. */
    @Test
    void allowsOverTcpOnlyTheRelayedAddressesThatListenForTcp() {
        InetSocketAddress udp = new InetSocketAddress("127.0.0.1", 50_000);
        InetSocketAddress tcp = new InetSocketAddress("127.0.0.1", 50_001);
        relayed.add(udp);
        relayedTcp.add(tcp);

        assertThat(policy.checkConnection(udp, PeerRules.NONE).allowed()).isFalse();
        assertThat(policy.checkConnection(tcp, PeerRules.NONE).allowed()).isTrue();
        assertThat(policy.check(tcp, PeerRules.NONE).allowed()).isFalse();
        relayed.remove(udp);
        assertThat(policy.checkHost(tcp.getAddress(), PeerRules.NONE).allowed()).isTrue();
    }

    @Test
    void letsATenantOpenPrivateAndLoopbackAddressesToItsOwnClients() {
        PeerRules rules = rules(List.of("10.0.0.0/8", "127.0.0.0/8", "fd00::/8"), List.of());

        assertThat(check(policy, "10.1.2.3", rules)).isEqualTo(Verdict.ALLOWED_PRIVATE);
        assertThat(check(policy, "::ffff:10.1.2.3", rules)).isEqualTo(Verdict.ALLOWED_PRIVATE);
        assertThat(check(policy, "127.0.0.1", rules)).isEqualTo(Verdict.ALLOWED_LOOPBACK);
        assertThat(check(policy, "fd00::1", rules)).isEqualTo(Verdict.ALLOWED_PRIVATE);
        assertThat(check(policy, "192.168.0.1", rules).allowed()).isFalse();
        assertThat(check(policy, "10.1.2.3").allowed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "169.254.169.254", "224.0.0.1", "255.255.255.255", "fe80::1", "ff02::1",
        "64:ff9b::a00:1", "2002:a00:1::1", "::a00:1", "2001:0:808:808:0:0:f5ff:fffe"})
    void neverLetsATenantOpenOtherSpecialPurposeAddresses(String address) {
        assertThat(check(policy, address, rules(List.of("0.0.0.0/0", "::/0"), List.of())).allowed()).isFalse();
    }

    @Test
    void neverLetsATenantOpenTheClustersServicesOrWhatTheOperatorDenies() {
        PeerRules rules = rules(List.of("0.0.0.0/0", "::/0"), List.of());
        PeerPolicy strict = policy(List.of("127.0.0.0/8"), List.of("10.9.0.0/16", "127.0.0.9", "8.8.8.8"));
        strict.denyServices(List.of(new InetSocketAddress("10.1.0.1", 9_092), new InetSocketAddress("::", 3_478)));

        assertThat(strict.check(new InetSocketAddress("10.1.0.1", 9_092), rules).allowed()).isFalse();
        assertThat(strict.check(new InetSocketAddress("10.1.0.1", 9_093), rules).allowed()).isTrue();
        assertThat(strict.checkConnection(new InetSocketAddress("10.1.0.1", 9_092), rules).allowed()).isFalse();
        assertThat(strict.check(new InetSocketAddress("127.0.0.1", 3_478), rules).allowed()).isFalse();
        assertThat(strict.check(new InetSocketAddress("::1", 3_478), rules).allowed()).isFalse();
        assertThat(check(strict, "10.9.0.1", rules)).isEqualTo(Verdict.FORBIDDEN_PRIVATE);
        assertThat(check(strict, "127.0.0.9", rules)).isEqualTo(Verdict.FORBIDDEN_LOOPBACK);
        assertThat(check(strict, "8.8.8.8", rules)).isEqualTo(Verdict.DENIED_SPECIAL);
    }

    @Test
    void letsATenantDenyWhatTheNodeAllowsInEveryDisguise() {
        PeerPolicy open = policy(List.of("10.0.0.0/8", "64:ff9b::/96"), List.of());
        PeerRules rules = rules(List.of("10.0.0.0/8"), List.of("10.0.0.0/8", "8.8.8.0/24", "2a00:1450::/32"));

        assertThat(check(open, "10.1.2.3", rules).allowed()).isFalse();
        assertThat(check(open, "8.8.8.8", rules)).isEqualTo(Verdict.DENIED_SPECIAL);
        assertThat(check(open, "8.8.9.8", rules).allowed()).isTrue();
        assertThat(check(open, "64:ff9b::8.8.8.8", rules).allowed()).isFalse();
        assertThat(check(open, "64:ff9b::8.8.9.8", rules).allowed()).isTrue();
        assertThat(check(open, "2a00:1450::1", rules).allowed()).isFalse();
        assertThat(check(open, "2a00:1451::1", rules).allowed()).isTrue();
    }

    /** 0.0.0.0 and :: reach what listens on loopback (CVE-2020-26262), and a wildcard listener has all of 127.0.0.0/8. */
    @Test
    void deniesAServicesPortUnderTheAddressesThatMeanThisMachine() {
        PeerPolicy everything = policy(List.of("0.0.0.0/0", "::/0"), List.of());
        everything.denyServices(
                List.of(new InetSocketAddress("127.0.0.1", 9_092), new InetSocketAddress("0.0.0.0", 3_478)));

        for (String host : List.of("0.0.0.0", "0.1.2.3", "::")) {
            assertThat(everything.check(new InetSocketAddress(host, 9_092), PeerRules.NONE).allowed()).as(host)
                    .isFalse();
            assertThat(everything.check(new InetSocketAddress(host, 9_093), PeerRules.NONE).allowed()).as(host)
                    .isTrue();
        }
        for (String host : List.of("127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "0.0.0.0")) {
            assertThat(everything.check(new InetSocketAddress(host, 3_478), PeerRules.NONE).allowed()).as(host)
                    .isFalse();
        }
        assertThat(everything.check(new InetSocketAddress("127.0.0.2", 9_092), PeerRules.NONE).allowed()).isTrue();
    }

    @Test
    void allowsALiveIpv6RelayedTransportAddress() {
        InetSocketAddress live = new InetSocketAddress("fd00::7", 50_000);
        relayed.add(live);

        assertThat(policy.check(live, PeerRules.NONE)).isEqualTo(Verdict.ALLOWED_PRIVATE);
        assertThat(policy.check(new InetSocketAddress("fd00::7", 50_001), PeerRules.NONE).allowed()).isFalse();
    }

    private PeerPolicy policy(List<String> allow, List<String> deny) {
        return new PeerPolicy(new PeersConfig(allow.stream().map(CidrBlock::parse).toList(),
                deny.stream().map(CidrBlock::parse).toList(), List.of(), Duration.ofSeconds(60)), relayed, relayedTcp);
    }

    private static PeerRules rules(List<String> allow, List<String> deny) {
        return new PeerRules(allow.stream().map(CidrBlock::parse).toList(),
                deny.stream().map(CidrBlock::parse).toList());
    }

    private static Verdict check(PeerPolicy policy, String text, PeerRules rules) {
        return policy.check(bytes(text), 5_000, rules);
    }

    private static Verdict check(PeerPolicy policy, String text) {
        byte[] bytes = bytes(text);
        Verdict byBytes = policy.check(bytes, 5_000, PeerRules.NONE);
        assertThat(policy.check(new InetSocketAddress(address(text), 5_000), PeerRules.NONE)).isEqualTo(byBytes);
        assertThat(policy.checkHost(address(text), PeerRules.NONE)).isEqualTo(byBytes);
        return byBytes;
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(bytes(text));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** Netty's reader keeps a mapped address in 16 bytes; Java's knows dotted quads behind every prefix. */
    private static byte[] bytes(String literal) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(literal);
        try {
            return bytes == null ? InetAddress.getByName(literal).getAddress() : bytes;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }
}
