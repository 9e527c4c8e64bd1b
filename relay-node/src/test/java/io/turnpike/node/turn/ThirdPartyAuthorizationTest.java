package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.AccessToken;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.EndReason;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.ThirdPartyAuthorization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Access tokens of an authorization server, by RFC 7635. */
class ThirdPartyAuthorizationTest {
    private static final byte[] A256 = "01234567890123456789012345678901".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] A128 = "fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
    private static final String SERVER = "turn.example";

    private final OneLoop loop = new OneLoop(ConfigFactory.parseString("""
            auth.server-name = "turn.example"
            tenants = [
              { id = demo, access-token-keys = [
                { id = k1, key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" }
                { id = k2, key = "ZmVkY2JhOTg3NjU0MzIxMA==" }] }
              { id = acme, access-token-keys = [{ id = k1, key = "ZmVkY2JhOTg3NjU0MzIxMA==" }] }
              { id = old, secrets = [] }
            ]"""));

    @Test
    void namesTheServerInA401WhereTheTenantHasKeys() {
        Answer answer = loop.client("x").unauthenticated(StunMethod.ALLOCATE);

        assertThat(answer.error()).isEqualTo(401);
        assertThat(answer.attribute(ThirdPartyAuthorization.class).serverName()).isEqualTo(SERVER);
        assertThat(answer.bytes().length).as("with FINGERPRINT").isLessThanOrEqualTo(120 - 8);
    }

    @Test
    void namesNoServerWhereTheTenantHasNoKeys() {
        Answer answer = new OneLoop().client("x").unauthenticated(StunMethod.ALLOCATE);

        assertThat(answer.error()).isEqualTo(401);
        assertThat(answer.has(AttributeType.THIRD_PARTY_AUTHORIZATION)).isFalse();
    }

    @Test
    void allocatesUnderATokenOfEachKeyLengthAndSignsWithItsMacKey() {
        for (String kid : new String[]{"k1", "k2", "acme/k1"}) {
            TestClient client = loop.client(kid);
            take(client, kid, kid.equals("k1") ? A256 : A128, hour(Optional.empty()));

            Answer answer = client.allocate();

            assertThat(answer.isSuccess()).as(kid).isTrue();
            assertThat(answer.isSigned()).isTrue();
        }
        assertThat(loop.events(AllocationCreated.class)).extracting(created -> created.allocation().tenantId())
                .containsExactly("demo", "demo", "acme");
    }

    @Test
    void metersUnderTheUserThatTheIssuerSealedAndAllOthersTogether() {
        TestClient named = loop.client("k1");
        take(named, "k1", A256, hour(Optional.of("alice")));
        TestClient plain = loop.client("k1");
        take(plain, "k1", A256, hour(Optional.empty()));
        named.allocate();
        plain.allocate();

        assertThat(loop.events(AllocationCreated.class)).extracting(created -> created.allocation().userId())
                .containsExactly("alice", "access-token");
    }

    @Test
    void takesTheTokensKeyForRequestsBetweenRefreshes() {
        TestClient client = loop.client("k1");
        take(client, "k1", A256, hour(Optional.empty()));
        client.allocate();
        client.forgetsItsToken();

        Answer permitted = client.permit(FakeSockets.address("203.0.112.77", 1));

        assertThat(permitted.isSuccess()).isTrue();
        assertThat(permitted.isSigned()).isTrue();
        assertThat(client.request(StunMethod.REFRESH).isSuccess()).as("leniently").isTrue();
    }

    @Test
    void refreshesUnderANewTokenOfARotatedKey() {
        TestClient client = loop.client("k1");
        take(client, "k1", A256, token(60, Optional.empty()));
        assertThat(client.allocate().attribute(Lifetime.class).seconds()).isEqualTo(65);
        loop.pass(Duration.ofSeconds(50));
        take(client, "k2", A128, hour(Optional.empty()));

        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isEqualTo(600);
        assertThat(client.bind(0x4000, FakeSockets.address("203.0.112.77", 1)).isSuccess()).isTrue();
        loop.pass(Duration.ofSeconds(500));
        assertThat(loop.allocations.size()).as("the first token has ended").isOne();
    }

    @Test
    void refusesAMacKeyShorterThanCoturnsClientsUse() {
        TestClient client = loop.client("k1");
        AccessToken token = hour(Optional.empty());
        client.takesToken("k1", Arrays.copyOf(token.macKey(), 16), token.seal(A256, SERVER));
        Answer answer = client.allocate();
        assertThat(answer.isSuccess()).as("as many bytes as an MD5 key").isTrue();
        assertThat(answer.isSigned()).as("with the key of the request").isTrue();
        for (int length : new int[]{1, 15, 17, 19}) {
            TestClient other = loop.client("k1");
            other.takesToken("k1", Arrays.copyOf(token.macKey(), length), token.seal(A256, SERVER));
            assertThat(other.allocate().error()).as(length + " bytes").isEqualTo(401);
        }
    }

    @Test
    void endsTheAllocationWithItsToken() {
        TestClient client = loop.client("k1");
        take(client, "k1", A256, token(60, Optional.empty()));
        client.allocate();

        loop.pass(Duration.ofSeconds(66));

        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.CREDENTIAL_EXPIRED);
    }

    @Test
    void trap27AnotherUsersTokenIs441() {
        TestClient client = loop.client("k1");
        take(client, "k1", A256, hour(Optional.of("alice")));
        client.allocate();
        for (Optional<String> other : Arrays.asList(Optional.of("bob"), Optional.<String>empty())) {
            take(client, "k1", A256, hour(other));
            Answer answer = client.request(StunMethod.REFRESH);
            assertThat(answer.error()).isEqualTo(441);
            assertThat(answer.isSigned()).isTrue();
        }
        take(client, "acme/k1", A128, hour(Optional.of("alice")));
        assertThat(client.request(StunMethod.REFRESH).error()).as("another tenant's").isEqualTo(441);
        assertThat(loop.allocations.size()).isOne();
    }

    @Test
    void aTokensKeyIsGoodForItsOwnFiveTupleOnly() {
        TestClient client = loop.client("k1");
        AccessToken token = hour(Optional.empty());
        take(client, "k1", A256, token);
        client.allocate();
        TestClient elsewhere = loop.client("k1");
        take(elsewhere, "k1", A256, token);
        elsewhere.forgetsItsToken();

        assertThat(elsewhere.permit(FakeSockets.address("203.0.112.77", 1)).error()).isEqualTo(401);
    }

    @Test
    void refusesTokensThatDoNotOpenUnsigned() {
        TestClient client = loop.client("k1");
        AccessToken token = hour(Optional.empty());
        take(client, "k1", A128, token);
        assertThat(client.allocate().error()).as("another key").isEqualTo(401);
        take(client, "k3", A256, token);
        assertThat(client.allocate().error()).as("unknown kid").isEqualTo(401);
        client.takesToken("k1", token.macKey(), token.seal(A256, "turn.elsewhere"));
        assertThat(client.allocate().error()).as("another server's").isEqualTo(401);
        client.takesToken("k1", token.macKey(), new byte[0]);
        assertThat(client.allocate().error()).as("no token").isEqualTo(401);
        client.takesToken("k1", new byte[20], token.seal(A256, SERVER));
        Answer answer = client.allocate();
        assertThat(answer.error()).as("another mac_key").isEqualTo(401);
        assertThat(answer.has(AttributeType.MESSAGE_INTEGRITY)).isFalse();
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void takesATokenWithinLifetimeAndFiveSecondsOfItsTimeBothWays() {
        assertThat(allocatesWithIssuer(-64)).as("before its end").isTrue();
        assertThat(allocatesWithIssuer(-65)).isFalse();
        assertThat(allocatesWithIssuer(64)).as("the issuer's clock is ahead").isTrue();
        assertThat(allocatesWithIssuer(65)).isFalse();
        assertThat(allocatesWithIssuer(Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void survivesTheGreatestTimesThatATokenCanHold() {
        TestClient client = loop.client("k1");
        take(client, "k1", A256, new AccessToken(new byte[20], Instant.ofEpochSecond((1L << 48) - 1),
                Duration.ofSeconds(0xFFFF_FFFFL), Optional.empty()));
        assertThat(client.allocate().error()).isEqualTo(401);
        take(client, "k1", A256, new AccessToken(new byte[20], Instant.EPOCH, Duration.ofSeconds(0xFFFF_FFFFL),
                Optional.empty()));
        assertThat(client.allocate().isSuccess()).isTrue();
    }

    @Test
    void aTokenWithoutKeysThatCouldOpenItIsUnknownAfterAuthentication() {
        TestClient client = loop.client("old/cy");
        Answer answer = client.requestWithRaw(StunMethod.ALLOCATE, AttributeType.ACCESS_TOKEN.code(), new byte[64]);

        assertThat(answer.error()).isEqualTo(420);
        assertThat(answer.isSigned()).isTrue();
        client.becomes("old/cy", "wrong");
        assertThat(client.requestWithRaw(StunMethod.ALLOCATE, AttributeType.ACCESS_TOKEN.code(), new byte[64]).error())
                .isEqualTo(401);
    }

    private boolean allocatesWithIssuer(int secondsAhead) {
        TestClient client = loop.client("k1");
        take(client, "k1", A256, new AccessToken(new byte[20], loop.time.instant().plusSeconds(secondsAhead),
                Duration.ofSeconds(60), Optional.empty()));
        return client.allocate().isSuccess();
    }

    private AccessToken hour(Optional<String> user) {
        return token(3_600, user);
    }

    private AccessToken token(int seconds, Optional<String> user) {
        return AccessToken.issue(loop.time.instant(), Duration.ofSeconds(seconds), user);
    }

    private static void take(TestClient client, String kid, byte[] key, AccessToken token) {
        client.takesToken(kid, token.macKey(), token.seal(key, SERVER));
    }
}
