package io.turnpike.node.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.auth.NonceIssuer.Features;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.stun.Nonce;
import io.turnpike.testing.ManualClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NonceIssuerTest {
    private static final Duration LIFETIME = Duration.ofSeconds(600);
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 40_000);

    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private final ManualClock clock = new ManualClock(NOON);
    private final NonceIssuer issuer = issuer("first");

    @Test
    void acceptsItsOwnNonceUntilItsLifetimeEnds() {
        Nonce nonce = issuer.issue(Features.NAMED, ClientTransport.UDP, CLIENT);

        clock.advance(LIFETIME.minusSeconds(1));
        assertThat(issuer.isValid(nonce, ClientTransport.UDP, CLIENT)).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(issuer.isValid(nonce, ClientTransport.UDP, CLIENT)).isFalse();
    }

    @Test
    void acceptsNoncesOfNodesWithTheSameKeyWithinAMinuteOfClockSkew() {
        ManualClock ahead = new ManualClock(NOON);
        ahead.advance(Duration.ofSeconds(60));
        Nonce fromAhead = issuer(ahead, "realm", "first").issue(Features.NAMED, ClientTransport.UDP, CLIENT);
        ahead.advance(Duration.ofSeconds(1));
        Nonce fromTooFarAhead = issuer(ahead, "realm", "first").issue(Features.NAMED, ClientTransport.UDP, CLIENT);

        assertThat(issuer.isValid(fromAhead, ClientTransport.UDP, CLIENT)).isTrue();
        assertThat(issuer.isValid(fromTooFarAhead, ClientTransport.UDP, CLIENT)).isFalse();
    }

    @Test
    void acceptsBothLiveKeysDuringARotationAndSignsWithTheFirst() {
        NonceIssuer before = issuer("old");
        NonceIssuer during = issuer("new", "old");
        NonceIssuer after = issuer("new");

        assertThat(
                during.isValid(before.issue(Features.NAMED, ClientTransport.UDP, CLIENT), ClientTransport.UDP, CLIENT))
                .isTrue();
        assertThat(
                after.isValid(during.issue(Features.NAMED, ClientTransport.UDP, CLIENT), ClientTransport.UDP, CLIENT))
                .isTrue();
        assertThat(
                after.isValid(before.issue(Features.NAMED, ClientTransport.UDP, CLIENT), ClientTransport.UDP, CLIENT))
                .isFalse();
    }

    @Test
    void bindsTheNonceToRealmAndAlgorithmList() {
        Nonce elsewhere = issuer(clock, "other realm", "first").issue(Features.NAMED, ClientTransport.UDP, CLIENT);

        assertThat(issuer.isValid(elsewhere, ClientTransport.UDP, CLIENT)).isFalse();
    }

    @Test
    void announcesPasswordAlgorithmsAndStaysShort() {
        Nonce nonce = issuer.issue(Features.NAMED, ClientTransport.UDP, CLIENT);

        assertThat(nonce.announcesPasswordAlgorithms()).isTrue();
        assertThat(nonce.value()).hasSize(NonceIssuer.NONCE_CHARACTERS).startsWith("obMatJos2gAAA");
    }

    @Test
    void sharesAKeyAmongNodesThroughTheClusterKeyWithoutUsingItAsItIs() {
        byte[] clusterKey = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

        assertThat(NonceIssuer.deriveKey(clusterKey)).isEqualTo(NonceIssuer.deriveKey(clusterKey)).hasSize(32)
                .isNotEqualTo(clusterKey);
        assertThat(NonceIssuer.randomKey()).isNotEqualTo(NonceIssuer.randomKey());
    }

    @Property(tries = 500)
    void noOtherAddressOrPortMayUseANonce(@ForAll @Size(4) byte[] address, @ForAll @IntRange(max = 65_535) int port)
            throws Exception {
        InetSocketAddress other = new InetSocketAddress(InetAddress.getByAddress(address), port);
        Assume.that(!other.equals(CLIENT));

        assertThat(
                issuer.isValid(issuer.issue(Features.NAMED, ClientTransport.UDP, CLIENT), ClientTransport.UDP, other))
                .isFalse();
        assertThat(issuer.issue(Features.NAMED, ClientTransport.UDP, other))
                .isNotEqualTo(issuer.issue(Features.NAMED, ClientTransport.UDP, CLIENT));
    }

    @Test
    void aDataConnectionMayUseTheNonceOfAnotherPortButNotOfAnotherHostOrTransport() throws Exception {
        Nonce nonce = issuer.issue(Features.NAMED, ClientTransport.TCP, CLIENT);
        InetSocketAddress data = new InetSocketAddress(CLIENT.getAddress(), CLIENT.getPort() + 1);
        InetSocketAddress elsewhere = new InetSocketAddress(InetAddress.getByName("198.51.100.77"), CLIENT.getPort());

        assertThat(issuer.isValidForDataConnection(nonce, ClientTransport.TCP, CLIENT)).isTrue();
        assertThat(issuer.isValidForDataConnection(nonce, ClientTransport.TCP, data)).isTrue();
        assertThat(issuer.isValid(nonce, ClientTransport.TCP, data)).isFalse();
        assertThat(issuer.isValidForDataConnection(nonce, ClientTransport.TCP, elsewhere)).isFalse();
        assertThat(issuer.isValidForDataConnection(nonce, ClientTransport.TLS, data)).isFalse();
    }

    @Test
    void noOtherTransportMayUseANonceOfTheSameAddressAndPort() {
        for (ClientTransport transport : ClientTransport.values()) {
            Nonce nonce = issuer.issue(Features.NAMED, transport, CLIENT);
            for (ClientTransport used : ClientTransport.values()) {
                assertThat(issuer.isValid(nonce, used, CLIENT)).isEqualTo(used == transport);
            }
        }
    }

    @Test
    void acceptsBothSetsOfFeaturesAndNoneThatWasChangedOnTheWay() {
        Nonce anonymous = issuer.issue(Features.ANONYMOUS, ClientTransport.UDP, CLIENT);
        Nonce named = issuer.issue(Features.NAMED, ClientTransport.UDP, CLIENT);

        assertThat(anonymous.value()).startsWith("obMatJos2wAAA").hasSize(NonceIssuer.NONCE_CHARACTERS);
        assertThat(anonymous.announcesPasswordAlgorithms()).isTrue();
        assertThat(anonymous.securityFeatures() & Nonce.USERNAME_ANONYMITY_FEATURE).isNotZero();
        assertThat(issuer.isValid(anonymous, ClientTransport.UDP, CLIENT)).isTrue();
        for (String changed : List.of("obMatJos2wAAA" + named.value().substring(13),
                "obMatJos2gAAA" + anonymous.value().substring(13), "obMatJos2AAAA" + named.value().substring(13),
                "obMatJos2QAAA" + anonymous.value().substring(13), named.value().substring(13))) {
            assertThat(issuer.isValid(new Nonce(changed), ClientTransport.UDP, CLIENT)).as(changed).isFalse();
        }
    }

    @Property(tries = 500)
    void noIpv6AddressMayUseTheNonceOfAnother(@ForAll @Size(16) byte[] address, @ForAll @IntRange(max = 127) int bit)
            throws Exception {
        byte[] changed = address.clone();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        InetSocketAddress client = new InetSocketAddress(InetAddress.getByAddress(address), 5_000);
        InetSocketAddress other = new InetSocketAddress(InetAddress.getByAddress(changed), 5_000);

        Nonce nonce = issuer.issue(Features.NAMED, ClientTransport.UDP, client);
        assertThat(issuer.isValid(nonce, ClientTransport.UDP, client)).isTrue();
        assertThat(issuer.isValid(nonce, ClientTransport.UDP, other)).isFalse();
    }

    @Property(tries = 2_000)
    void noChangedCharacterIsAccepted(@ForAll @IntRange(max = NonceIssuer.NONCE_CHARACTERS - 1) int index,
            @ForAll @CharRange(from = ' ', to = '~') char changed) {
        Nonce nonce = issuer.issue(Features.NAMED, ClientTransport.UDP, CLIENT);
        Assume.that(nonce.value().charAt(index) != changed);
        String forged = nonce.value().substring(0, index) + changed + nonce.value().substring(index + 1);

        assertThat(issuer.isValid(new Nonce(forged), ClientTransport.UDP, CLIENT)).isFalse();
    }

    @Property(tries = 500)
    void noChangedTimeIsAccepted(@ForAll @IntRange(min = -3_600, max = 3_600) int seconds) {
        Assume.that(seconds != 0);
        ManualClock other = new ManualClock(NOON);
        other.advance(Duration.ofSeconds(seconds));
        String here = issuer.issue(Features.NAMED, ClientTransport.UDP, CLIENT).value();
        String there = issuer(other, "realm", "first").issue(Features.NAMED, ClientTransport.UDP, CLIENT).value();
        byte[] mine = decode(here);
        byte[] moved = decode(there);
        System.arraycopy(mine, 5, moved, 5, 13);

        assertThat(issuer.isValid(new Nonce(encode(moved)), ClientTransport.UDP, CLIENT)).isFalse();
    }

    @Property(tries = 1_000)
    void neverThrowsOnForeignNonces(@ForAll @Size(max = 40) @ByteRange(min = 32, max = 126) byte[] text) {
        String foreign = new String(text, StandardCharsets.US_ASCII);

        assertThat(issuer.isValid(new Nonce(foreign), ClientTransport.UDP, CLIENT)).isFalse();
        assertThat(issuer.isValid(new Nonce(("obMatJos2gAAA" + foreign + "x".repeat(24)).substring(0, 37)),
                ClientTransport.UDP,
                CLIENT))
                .isFalse();
    }

    private static byte[] decode(String nonce) {
        return Base64.getDecoder().decode(nonce.substring(13));
    }

    private static String encode(byte[] token) {
        return "obMatJos2gAAA" + Base64.getEncoder().encodeToString(token);
    }

    private NonceIssuer issuer(String... keys) {
        return issuer(clock, "realm", keys);
    }

    private static NonceIssuer issuer(ManualClock clock, String realm, String... keys) {
        return new NonceIssuer(List.of(keys).stream().map(key -> key.getBytes(StandardCharsets.UTF_8)).toList(),
                LIFETIME, clock, LongTermCredentials.boundTo(realm));
    }
}
