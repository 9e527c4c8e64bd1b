package io.turnpike.node.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.contract.TurnUsername;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.Octets;
import io.turnpike.stun.PasswordAlgorithm;
import io.turnpike.stun.PasswordAlgorithms;
import io.turnpike.stun.PasswordHash;
import io.turnpike.stun.Realm;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.Username;
import io.turnpike.testing.ManualClock;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LongTermCredentialsTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 40_000);
    private static final InetSocketAddress OTHER_CLIENT = new InetSocketAddress("192.0.2.7", 40_001);
    private static final RelayConfig CONFIG = RelayConfig.load(ConfigFactory.parseString("""
            node.id = n1, realm = turnpike, default-tenant = demo, kafka.enabled = false, quota.default.mode = OFF
            auth.users = [{ user = demo, password = demo }, { tenant = acme, user = al, password = "sesame" }]
            tenants = [
              { id = demo, secrets = [{ id = s1, secret = demo-secret }] }
              { id = rest, secrets = [{ id = k1, secret = eldest }
                                      { id = k2, algorithm = HMAC-SHA256, secret = second }] }
            ]"""));

    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private final ManualClock clock = new ManualClock(NOON);
    private final TenantDirectory tenants = ConfiguredTenants.directory(CONFIG);
    private final LongTermCredentials credentials = LongTermCredentials.of(CONFIG, tenants, clock);

    @Test
    void challengesARequestWithoutIntegrityWithAFreshNonce() {
        AuthResult.Challenge challenge = challenge(Requests.unsigned(StunMethod.ALLOCATE));

        assertThat(challenge.failure()).isEqualTo(AuthFailure.NO_CREDENTIALS);
        assertThat(challenge.failure().errorCode()).isEqualTo(401);
        assertThat(challenge.passwordAlgorithms()).isEqualTo(LongTermCredentials.PASSWORD_ALGORITHMS);
        assertThat(challenge.nonce().announcesPasswordAlgorithms()).isTrue();
        assertThat(challenge.tenantId()).isEmpty();
    }

    @Test
    void neverGivesOneNonceToTwoClients() {
        StunFrame request = Requests.unsigned(StunMethod.ALLOCATE);

        assertThat(((AuthResult.Challenge) credentials.check(request, from(CLIENT))).nonce())
                .isNotEqualTo(
                        ((AuthResult.Challenge) credentials.check(request, from(OTHER_CLIENT))).nonce());
    }

    @Test
    void challengesUnsignedRequestsEvenIfTheyNameAUser() {
        assertThat(failure(Requests.unsigned(StunMethod.ALLOCATE, new Username("demo"), realm(), nonce())))
                .isEqualTo(AuthFailure.NO_CREDENTIALS);
    }

    @Test
    void answersBadRequestIfUserRealmOrNonceIsMissing() {
        LongTermKey key = md5("demo", "demo");

        assertThat(failure(signed(key, realm(), nonce()))).isEqualTo(AuthFailure.INCOMPLETE);
        assertThat(failure(signed(key, new Username("demo"), nonce()))).isEqualTo(AuthFailure.INCOMPLETE);
        assertThat(failure(signed(key, new Username("demo"), realm()))).isEqualTo(AuthFailure.INCOMPLETE);
        assertThat(AuthFailure.INCOMPLETE.errorCode()).isEqualTo(400);
    }

    @Test
    void authenticatesAStaticUserOfTheDefaultTenant() {
        AuthResult.Authenticated who = authenticated(signIn("demo", "demo"));

        assertThat(who.tenant().id()).isEqualTo("demo");
        assertThat(who.userId()).isEqualTo("demo");
        assertThat(who.username()).isEqualTo("demo");
        assertThat(who.integrity()).isEqualTo(IntegrityAlgorithm.HMAC_SHA1);
    }

    @Test
    void authenticatesAStaticUserOfANamedTenant() {
        AuthResult.Authenticated who = authenticated(signIn("acme/al", "sesame"));

        assertThat(who.tenant().id()).isEqualTo("acme");
        assertThat(who.userId()).isEqualTo("al");
        assertThat(failure(signIn("demo/al", "sesame"))).isEqualTo(AuthFailure.UNKNOWN_USER);
    }

    @Test
    void authenticatesASignedNameUnderAnySecretOfItsTenant() {
        String name = TurnUsername.rest(clock.instant().plusSeconds(3_600), "rest", "al");

        assertThat(authenticated(signIn(name, TurnUsername.restPassword("HmacSHA1", bytes("eldest"), name))).userId())
                .isEqualTo("al");
        assertThat(authenticated(signIn(name, TurnUsername.restPassword("HmacSHA256", bytes("second"), name))).tenant()
                .id()).isEqualTo("rest");
        assertThat(failure(signIn(name, TurnUsername.restPassword("HmacSHA1", bytes("second"), name))))
                .isEqualTo(AuthFailure.WRONG_PASSWORD);
    }

    @Test
    void readsASignedNameWithOneColonAsTheDefaultTenants() {
        String name = clock.instant().plusSeconds(60).getEpochSecond() + ":al";

        AuthResult.Authenticated who = authenticated(
                signIn(name, TurnUsername.restPassword("HmacSHA1", bytes("demo-secret"), name)));

        assertThat(who.tenant().id()).isEqualTo("demo");
        assertThat(who.userId()).isEqualTo("al");
        assertThat(who.username()).isEqualTo(name);
    }

    @Test
    void refusesAnotherTenantsSecret() {
        String name = TurnUsername.rest(clock.instant().plusSeconds(60), "demo", "al");

        assertThat(failure(signIn(name, TurnUsername.restPassword("HmacSHA1", bytes("eldest"), name))))
                .isEqualTo(AuthFailure.WRONG_PASSWORD);
    }

    @Test
    void refusesToAllocateUnderAnExpiredNameButLetsItsAllocationsLive() {
        String name = TurnUsername.rest(clock.instant(), "demo", "al");
        LongTermKey key = md5(name, TurnUsername.restPassword("HmacSHA1", bytes("demo-secret"), name));

        assertThat(failure(signed(StunMethod.ALLOCATE, key, name))).isEqualTo(AuthFailure.EXPIRED);
        assertThat(AuthFailure.EXPIRED.errorCode()).isEqualTo(401);
        authenticated(signed(StunMethod.REFRESH, key, name));
        authenticated(signed(StunMethod.CREATE_PERMISSION, key, name));
    }

    @Test
    void expiresARememberedKeyToo() {
        String name = TurnUsername.rest(clock.instant().plusSeconds(30), "demo", "al");
        String password = TurnUsername.restPassword("HmacSHA1", bytes("demo-secret"), name);
        authenticated(signIn(name, password));

        clock.advance(Duration.ofSeconds(30));

        assertThat(failure(signIn(name, password))).isEqualTo(AuthFailure.EXPIRED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "acme/nobody", "99999999999:acme:al", "%s%n%x", "' OR 1=1 --", "demo/", "/demo",
        "a:b:c", "18446744073709551616:demo:al", ":", "//", "9999999999:"})
    void answersEveryUnknownOrOddNameAlike(String username) {
        AuthResult.Challenge challenge = challenge(signIn(username, "demo"));

        assertThat(challenge.failure().errorCode()).isEqualTo(401);
    }

    @Test
    void namesTheTenantOfAFailureOnlyIfItExists() {
        assertThat(challenge(signIn("acme/nobody", "x")).tenantId()).contains("acme");
        assertThat(challenge(signIn("acme/nobody", "x")).userId()).contains("nobody");
        assertThat(failure(signIn("ghost/nobody", "x"))).isEqualTo(AuthFailure.UNKNOWN_TENANT);
        assertThat(challenge(signIn("ghost/nobody", "x")).tenantId()).isEmpty();
    }

    @Test
    void refusesASuspendedTenantAtOnceAndServesItAgain() {
        authenticated(signIn("demo", "demo"));
        Tenant demo = tenants.find("demo").orElseThrow();

        tenants.put(new Tenant("demo", false, demo.secrets(), demo.channelNumbers(), demo.billableRule()));
        assertThat(failure(signIn("demo", "demo"))).isEqualTo(AuthFailure.SUSPENDED_TENANT);
        tenants.put(demo);
        authenticated(signIn("demo", "demo"));
    }

    @Test
    void forgetsAKeyWhoseSecretWasRotatedAway() {
        String name = TurnUsername.rest(clock.instant().plusSeconds(600), "rest", "al");
        String password = TurnUsername.restPassword("HmacSHA1", bytes("eldest"), name);
        authenticated(signIn(name, password));
        Tenant tenant = tenants.find("rest").orElseThrow();

        tenants.put(new Tenant("rest", true, tenant.secrets().subList(1, 2), tenant.channelNumbers(),
                tenant.billableRule()));

        assertThat(failure(signIn(name, password))).isEqualTo(AuthFailure.WRONG_PASSWORD);
    }

    @Test
    void tellsAWrongPasswordBeforeAnOldNonce() {
        Nonce old = nonce();
        clock.advance(Duration.ofSeconds(601));

        assertThat(failure(signed(md5("demo", "wrong"), new Username("demo"), realm(), old)))
                .isEqualTo(AuthFailure.WRONG_PASSWORD);
        assertThat(failure(signed(md5("demo", "demo"), new Username("demo"), realm(), old)))
                .isEqualTo(AuthFailure.STALE_NONCE);
        assertThat(AuthFailure.STALE_NONCE.errorCode()).isEqualTo(438);
    }

    @Test
    void callsAnotherClientsNonceAndAForeignNonceStale() {
        Nonce others = ((AuthResult.Challenge) credentials.check(Requests.unsigned(StunMethod.ALLOCATE),
                from(OTHER_CLIENT)))
                .nonce();

        assertThat(failure(signed(md5("demo", "demo"), new Username("demo"), realm(), others)))
                .isEqualTo(AuthFailure.STALE_NONCE);
        assertThat(failure(signed(md5("demo", "demo"), new Username("demo"), realm(), new Nonce("made up"))))
                .isEqualTo(AuthFailure.STALE_NONCE);
    }

    @Test
    void refusesAnotherRealm() {
        assertThat(failure(signed(LongTermKey.md5("demo", "elsewhere", "demo"), new Username("demo"),
                new Realm("elsewhere"), nonce()))).isEqualTo(AuthFailure.MALFORMED_USERNAME);
    }

    @ParameterizedTest
    @EnumSource(PasswordHash.class)
    void takesTheChosenPasswordAlgorithmAndSignsTheAnswerWithSha256(PasswordHash hash) {
        LongTermKey key = LongTermKey.derive(hash, "demo", "turnpike", "demo");
        StunFrame request = Requests.signed(StunMethod.ALLOCATE, key, IntegrityAlgorithm.HMAC_SHA256,
                new Username("demo"), realm(), nonce(), LongTermCredentials.PASSWORD_ALGORITHMS,
                new PasswordAlgorithm(hash));

        AuthResult.Authenticated who = authenticated(request);

        assertThat(who.integrity()).isEqualTo(IntegrityAlgorithm.HMAC_SHA256);
        assertThat(who.key()).isInstanceOfSatisfying(LongTermKey.class,
                used -> assertThat(used.hash()).isEqualTo(hash));
    }

    @Test
    void signsTheAnswerWithSha1IfTheRequestChoseNothing() {
        StunFrame request = Requests.signed(StunMethod.ALLOCATE, md5("demo", "demo"), IntegrityAlgorithm.HMAC_SHA256,
                new Username("demo"), realm(), nonce());

        assertThat(authenticated(request).integrity()).isEqualTo(IntegrityAlgorithm.HMAC_SHA1);
    }

    @Test
    void refusesAPasswordAlgorithmListThatIsNotTheOffered() {
        LongTermKey key = md5("demo", "demo");
        PasswordAlgorithm md5 = new PasswordAlgorithm(PasswordHash.MD5);
        PasswordAlgorithms cut = PasswordAlgorithms.of(PasswordHash.MD5);
        PasswordAlgorithms turned = PasswordAlgorithms.of(PasswordHash.MD5, PasswordHash.SHA256);

        for (PasswordAlgorithms list : List.of(cut, turned)) {
            assertThat(failure(signed(key, new Username("demo"), realm(), nonce(), list, md5)))
                    .isEqualTo(AuthFailure.ALGORITHM_MISMATCH);
        }
        assertThat(AuthFailure.ALGORITHM_MISMATCH.errorCode()).isEqualTo(400);
    }

    @Test
    void refusesHalfOfThePasswordAlgorithmAttributesAndUnknownAlgorithms() {
        LongTermKey key = md5("demo", "demo");
        PasswordAlgorithms list = LongTermCredentials.PASSWORD_ALGORITHMS;

        assertThat(failure(signed(key, new Username("demo"), realm(), nonce(), list)))
                .isEqualTo(AuthFailure.ALGORITHM_MISMATCH);
        assertThat(failure(
                signed(key, new Username("demo"), realm(), nonce(), new PasswordAlgorithm(PasswordHash.SHA256))))
                .isEqualTo(AuthFailure.ALGORITHM_MISMATCH);
        assertThat(failure(signed(key, new Username("demo"), realm(), nonce(), list,
                new PasswordAlgorithm(0x7777, Octets.of())))).isEqualTo(AuthFailure.ALGORITHM_MISMATCH);
    }

    @Test
    void tellsAnAlgorithmMismatchBeforeAnUnknownUser() {
        assertThat(failure(signed(md5("nobody", "x"), new Username("nobody"), realm(), nonce(),
                LongTermCredentials.PASSWORD_ALGORITHMS))).isEqualTo(AuthFailure.ALGORITHM_MISMATCH);
    }

    @Test
    void keepsAChallengeWithin120BytesAlsoWithFingerprint() {
        AuthResult.Challenge challenge = challenge(Requests.unsigned(StunMethod.ALLOCATE));
        ByteBuf answer = Unpooled.buffer();
        StunMessageBuilder message = new StunMessageBuilder().respondError(answer,
                Requests.unsigned(StunMethod.ALLOCATE), ErrorCode.UNAUTHENTICATED);
        message.add(credentials.realm()).add(challenge.nonce()).add(challenge.passwordAlgorithms())
                .fingerprint();

        assertThat(answer.readableBytes()).isLessThanOrEqualTo(120);
    }

    @Test
    void remembersNothingOfThoseWhoDoNotKnowThePassword() {
        KeyRing ring = new KeyRing("turnpike", Map.of(), 4);
        Tenant tenant = tenants.find("demo").orElseThrow();
        for (int i = 0; i < 100; i++) {
            String name = TurnUsername.rest(Instant.EPOCH.plusSeconds(i), "demo", "al");
            ring.find(Optional.of(tenant), TurnUsername.parse(name, "demo").orElseThrow(), name, PasswordHash.MD5, 1,
                    key -> false);
        }
        assertThat(ring.rememberedKeys()).isZero();

        for (int i = 0; i < 100; i++) {
            String name = TurnUsername.rest(Instant.EPOCH.plusSeconds(i), "demo", "al");
            ring.find(Optional.of(tenant), TurnUsername.parse(name, "demo").orElseThrow(), name, PasswordHash.MD5, 1,
                    key -> true);
        }
        assertThat(ring.rememberedKeys()).isEqualTo(4);
    }

    @Test
    void showsNoCredentialInAnyText() {
        AuthResult.Authenticated who = authenticated(signIn("acme/al", "sesame"));
        AuthResult.Challenge challenge = challenge(signIn("acme/al", "wrong"));

        assertThat(List.of(who, challenge, tenants.find("rest").orElseThrow(), CONFIG).toString())
                .doesNotContain("sesame", "eldest", "second", "demo-secret", challenge.nonce().value(),
                        "password=demo");
    }

    @Test
    void refusesAStaticPasswordThatNoClientCouldPrepare() {
        RelayConfig config = RelayConfig.load(ConfigFactory.parseString("""
                node.id = n1, kafka.enabled = false, quota.default.mode = OFF
                auth.users = [{ user = al, password = "se\\u0007same" }]"""));

        assertThatThrownBy(() -> LongTermCredentials.of(config, tenants, clock))
                .isInstanceOf(IllegalArgumentException.class).hasMessageNotContaining("same");
    }

    @Test
    void refusesARealmThatNoClientCouldPrepareAlsoWithoutStaticUsers() {
        RelayConfig config = RelayConfig.load(ConfigFactory.parseString("""
                node.id = n1, kafka.enabled = false, quota.default.mode = OFF
                realm = "turn\\u0007pike"
                """));

        assertThatThrownBy(() -> LongTermCredentials.of(config, tenants, clock))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("realm");
    }

    private static Requester from(InetSocketAddress client) {
        return new Requester(client, ClientTransport.UDP, Optional.empty(), Optional.empty());
    }

    private StunFrame signIn(String username, String password) {
        return signed(StunMethod.ALLOCATE, md5(username, password), username);
    }

    private StunFrame signed(StunMethod method, LongTermKey key, String username) {
        return Requests.signed(method, key, IntegrityAlgorithm.HMAC_SHA1, new Username(username), realm(), nonce());
    }

    private static StunFrame signed(LongTermKey key, StunAttribute... attributes) {
        return Requests.signed(StunMethod.ALLOCATE, key, IntegrityAlgorithm.HMAC_SHA1, attributes);
    }

    private Nonce nonce() {
        return challenge(Requests.unsigned(StunMethod.ALLOCATE)).nonce();
    }

    private static Realm realm() {
        return new Realm("turnpike");
    }

    private static LongTermKey md5(String username, String password) {
        return LongTermKey.md5(username, "turnpike", password);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private AuthResult.Authenticated authenticated(StunFrame request) {
        AuthResult result = credentials.check(request, from(CLIENT));
        assertThat(result).isInstanceOf(AuthResult.Authenticated.class);
        return (AuthResult.Authenticated) result;
    }

    private AuthResult.Challenge challenge(StunFrame request) {
        AuthResult result = credentials.check(request, from(CLIENT));
        assertThat(result).isInstanceOf(AuthResult.Challenge.class);
        return (AuthResult.Challenge) result;
    }

    private AuthFailure failure(StunFrame request) {
        AuthResult result = credentials.check(request, from(CLIENT));
        return result instanceof AuthResult.BadRequest bad ? bad.failure() : challenge(request).failure();
    }
}
