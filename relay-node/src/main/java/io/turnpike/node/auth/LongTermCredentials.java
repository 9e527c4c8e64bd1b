package io.turnpike.node.auth;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.contract.TurnUsername;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.config.RelayConfig.AuthConfig;
import io.turnpike.node.config.SecretText;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.Octets;
import io.turnpike.stun.PasswordAlgorithm;
import io.turnpike.stun.PasswordAlgorithms;
import io.turnpike.stun.PasswordHash;
import io.turnpike.stun.Realm;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.ThirdPartyAuthorization;
import io.turnpike.stun.Userhash;
import io.turnpike.stun.Username;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The long-term credential check of a TURN request, in the order of RFC 8489 section 9.2.4, and of one with an access
 * token (RFC 7635 section 7). The nonce comes last: an old nonce must not hide a wrong password, or a client would retry
 * for ever. Thread-safe; a {@link StunFrame} is not.
 */
public final class LongTermCredentials {
    /** Offered to every client, best first; nonces are bound to it. */
    public static final PasswordAlgorithms PASSWORD_ALGORITHMS = PasswordAlgorithms.of(PasswordHash.SHA256,
            PasswordHash.MD5);

    private static final Octets OFFERED = Octets.of(encoded(PASSWORD_ALGORITHMS));
    /** Stands for whoever an unknown hash might name; a client may say so too. */
    private static final String NOBODY = "nobody";
    private static final int REMEMBERED_KEYS = 16_384;

    private final String realm;
    private final String defaultTenant;
    private final TenantDirectory tenants;
    private final KeyRing keys;
    private final RegisteredUsers registered;
    private final NonceIssuer nonces;
    private final AccessTokenCheck tokens;
    private final ThirdPartyAuthorization thirdParty;
    private final InstantSource clock;

    private LongTermCredentials(RelayConfig config, TenantDirectory tenants, Map<KeyRing.UserName, String> passwords,
            InstantSource clock) {
        realm = config.realm();
        defaultTenant = config.defaultTenant();
        this.tenants = tenants;
        keys = new KeyRing(realm, passwords, REMEMBERED_KEYS);
        registered = new RegisteredUsers(realm, passwords.keySet());
        nonces = new NonceIssuer(nonceKeys(config.auth(), config.clusterKey()), config.auth().nonceLifetime(), clock,
                boundTo(realm));
        String serverName = config.auth().serverName().orElse(realm);
        tokens = new AccessTokenCheck(serverName, clock);
        thirdParty = new ThirdPartyAuthorization(serverName);
        this.clock = clock;
    }

    /**
     * The check that a configuration asks for.
     *
     * @param tenants as {@link ConfiguredTenants#directory} makes it, or another
     * @throws IllegalArgumentException if a static user's password or the realm is refused by RFC 8265
     */
    public static LongTermCredentials of(RelayConfig config, TenantDirectory tenants, InstantSource clock) {
        Map<KeyRing.UserName, String> passwords = new HashMap<>();
        config.auth().users().forEach(user -> passwords.put(new KeyRing.UserName(user.tenant(), user.user()),
                user.password().reveal()));
        return new LongTermCredentials(config, tenants, passwords, clock);
    }

    private static List<byte[]> nonceKeys(AuthConfig auth, Optional<SecretText> clusterKey) {
        if (!auth.nonceKeys().isEmpty()) {
            return auth.nonceKeys().stream().map(key -> Base64.getDecoder().decode(key.reveal())).toList();
        }
        return List.of(clusterKey.map(key -> NonceIssuer.deriveKey(Base64.getDecoder().decode(key.reveal())))
                .orElseGet(NonceIssuer::randomKey));
    }

    /** The bytes of the offered list and the realm: a nonce is good for exactly these (RFC 8489 section 9.2.4). */
    static byte[] boundTo(String realm) {
        byte[] list = encoded(PASSWORD_ALGORITHMS);
        byte[] name = realm.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(list.length + name.length).put(list).put(name).array();
    }

    private static byte[] encoded(PasswordAlgorithms algorithms) {
        ByteBuf bytes = Unpooled.buffer();
        algorithms.encode(bytes, 0);
        return ByteBufUtil.getBytes(bytes);
    }

    /** The realm of challenges. */
    public Realm realm() {
        return new Realm(realm);
    }

    /**
     * Checks a request other than Binding.
     *
     * @param request a well-formed request
     */
    public AuthResult check(StunFrame request, Requester from) {
        if (!request.hasIntegrity()) {
            return challenge(AuthFailure.NO_CREDENTIALS, from, Optional.empty());
        }
        boolean named = request.has(AttributeType.USERNAME) || request.has(AttributeType.USERHASH);
        Optional<Nonce> nonce = request.get(Nonce.class);
        Optional<Realm> requestRealm = request.get(Realm.class);
        if (!named || nonce.isEmpty() || requestRealm.isEmpty()) {
            return new AuthResult.BadRequest(AuthFailure.INCOMPLETE);
        }
        Optional<PasswordHash> hash = passwordHash(request, nonce.get());
        if (hash.isEmpty()) {
            return new AuthResult.BadRequest(AuthFailure.ALGORITHM_MISMATCH);
        }
        Optional<Claim> claim = claim(request, from);
        if (claim.isEmpty() || !requestRealm.get().name().equals(realm)) {
            return challenge(AuthFailure.MALFORMED_USERNAME, from, Optional.empty());
        }
        return checkClaim(request, from, nonce.get(), hash.get(), claim.get());
    }

    /** The password-algorithm checks (RFC 8489 section 9.2.4); empty asks for a 400. */
    private static Optional<PasswordHash> passwordHash(StunFrame request, Nonce nonce) {
        boolean chosen = request.has(AttributeType.PASSWORD_ALGORITHM);
        boolean listed = request.has(AttributeType.PASSWORD_ALGORITHMS);
        if (!nonce.announcesPasswordAlgorithms() || !chosen && !listed) {
            return Optional.of(PasswordHash.MD5);
        }
        boolean listIsOurs = request.rawValue(AttributeType.PASSWORD_ALGORITHMS).filter(OFFERED::equals).isPresent();
        return listIsOurs ? request.get(PasswordAlgorithm.class).flatMap(PasswordAlgorithm::hash) : Optional.empty();
    }

    /**
     * Who the request says it is.
     *
     * @param username USERNAME, or what USERHASH stands for
     * @param tenant the tenant that it names, if there is one; of nobody if the hash is unknown
     */
    private record Claim(String username, TurnUsername name, Optional<Tenant> tenant) {}

    private Optional<Claim> claim(StunFrame request, Requester from) {
        if (request.has(AttributeType.USERNAME)) {
            return request.get(Username.class).map(Username::name).flatMap(text -> claim(text, from));
        }
        Optional<Userhash> hash = request.get(Userhash.class);
        if (hash.isEmpty()) {
            return Optional.empty();
        }
        // An unknown hash is worked on like an unknown name, which it must not be told from.
        return hash.flatMap(registered::username).flatMap(text -> claim(text, from))
                .or(() -> Optional.of(new Claim(NOBODY, new TurnUsername(defaultTenant, NOBODY, OptionalLong.empty()),
                        Optional.empty())));
    }

    private Optional<Claim> claim(String username, Requester from) {
        return TurnUsername.parse(username, from.tenantId().orElse(defaultTenant))
                .map(name -> new Claim(username, name, tenants.find(name.tenantId())));
    }

    private AuthResult checkClaim(StunFrame request, Requester from, Nonce nonce, PasswordHash hash, Claim claim) {
        IntegrityAlgorithm sent = request.has(AttributeType.MESSAGE_INTEGRITY_SHA256)
                ? IntegrityAlgorithm.HMAC_SHA256
                : IntegrityAlgorithm.HMAC_SHA1;
        Optional<Tenant> active = claim.tenant.filter(Tenant::active);
        Optional<Octets> token = request.rawValue(AttributeType.ACCESS_TOKEN);
        if (token.isPresent() && active.filter(tenant -> !tenant.accessTokenKeys().isEmpty()).isPresent()) {
            AccessTokenCheck.Outcome outcome = tokens.check(request, token.get(), active.get(), claim.name, sent);
            return outcome.failure().map(failure -> challenge(failure, from, Optional.of(claim)))
                    .orElseGet(() -> opened(request, from, nonce, active.get(), claim, outcome.session().get()));
        }
        Optional<TokenSession> session = from.session().filter(open -> token.isEmpty()
                && active.filter(tenant -> tenant.id().equals(open.tenantId())).isPresent()
                && request.verifies(open.key(), sent));
        return session.isPresent()
                ? opened(request, from, nonce, active.get(), claim, session.get())
                : checkPassword(request, from, nonce, hash, claim, sent);
    }

    /** A request that is signed with a token's key, now or earlier (RFC 7635 sections 7 and 9). */
    private AuthResult opened(StunFrame request, Requester from, Nonce nonce, Tenant tenant, Claim claim,
            TokenSession session) {
        if (session.deadline() <= clock.instant().getEpochSecond()) {
            return challenge(AuthFailure.EXPIRED, from, Optional.of(claim));
        }
        OptionalLong issuedAt = OptionalLong.of(session.issuedAt());
        if (tenants.revocations().refuse(tenant.id(), session.userId(), issuedAt, clock)) {
            return challenge(AuthFailure.REVOKED, from, Optional.of(claim));
        }
        if (!isGood(nonce, request, from)) {
            return challenge(AuthFailure.STALE_NONCE, from, Optional.of(claim));
        }
        return new AuthResult.Authenticated(tenant, session.userId(), session.username(), session.key(),
                responseIntegrity(request), OptionalLong.of(session.deadline()), issuedAt, Optional.of(session));
    }

    private AuthResult checkPassword(StunFrame request, Requester from, Nonce nonce, PasswordHash hash, Claim claim,
            IntegrityAlgorithm sent) {
        // Before anything is said of the name: an answer takes as long for a name that does not exist.
        Optional<LongTermKey> key = keys.find(claim.tenant.filter(Tenant::active), claim.name, claim.username, hash,
                tenants.mostSecrets(), each -> request.verifies(each, sent));
        if (claim.tenant.isEmpty()) {
            return challenge(claim.username.equals(NOBODY) ? AuthFailure.UNKNOWN_USER : AuthFailure.UNKNOWN_TENANT,
                    from, Optional.empty());
        }
        Tenant tenant = claim.tenant.get();
        if (!tenant.active()) {
            return challenge(AuthFailure.SUSPENDED_TENANT, from, Optional.of(claim));
        }
        if (!keys.knows(tenant, claim.name)) {
            return challenge(AuthFailure.UNKNOWN_USER, from, Optional.of(claim));
        }
        if (key.isEmpty()) {
            return challenge(AuthFailure.WRONG_PASSWORD, from, Optional.of(claim));
        }
        OptionalLong expiresAt = claim.name.expiresAt();
        boolean hasExpired = expiresAt.isPresent() && expiresAt.getAsLong() <= clock.instant().getEpochSecond();
        if (hasExpired && tenant.credentialExpiry().stops(request)) {
            return challenge(AuthFailure.EXPIRED, from, Optional.of(claim));
        }
        OptionalLong issuedAt = expiresAt.isPresent() ? claim.name.issuedAt() : Revocations.BEFORE_ALL;
        // RFC 8489 section 9.2.4: what is no credential any more authenticates nobody, whatever the method: 401.
        if (tenants.revocations().refuse(tenant.id(), claim.name.userId(), issuedAt, clock)) {
            return challenge(AuthFailure.REVOKED, from, Optional.of(claim));
        }
        if (!isGood(nonce, request, from)) {
            return challenge(AuthFailure.STALE_NONCE, from, Optional.of(claim));
        }
        return new AuthResult.Authenticated(tenant, claim.name.userId(), claim.username, key.get(),
                responseIntegrity(request),
                tenant.credentialExpiry() == CredentialExpiry.HARD_CUT ? expiresAt : OptionalLong.empty(), issuedAt,
                Optional.empty());
    }

    private boolean isGood(Nonce nonce, StunFrame request, Requester from) {
        return request.method() == StunMethod.CONNECTION_BIND
                ? nonces.isValidForDataConnection(nonce, from.transport(), from.address())
                : nonces.isValid(nonce, from.transport(), from.address());
    }

    /** SHA-1 for a request that chose no password algorithm, SHA-256 otherwise (RFC 8489 section 9.2.4, at the end). */
    private static IntegrityAlgorithm responseIntegrity(StunFrame request) {
        boolean choseAlgorithm = request.has(AttributeType.PASSWORD_ALGORITHM)
                || request.has(AttributeType.PASSWORD_ALGORITHMS);
        return choseAlgorithm ? IntegrityAlgorithm.HMAC_SHA256 : IntegrityAlgorithm.HMAC_SHA1;
    }

    /**
     * What is announced depends on the leg's tenant alone: a name in the request must not tell which tenants there are.
     */
    private AuthResult challenge(AuthFailure failure, Requester from, Optional<Claim> claim) {
        Optional<Tenant> legTenant = tenants.find(from.tenantId().orElse(defaultTenant)).filter(Tenant::active);
        NonceIssuer.Features features = legTenant.filter(registered::allAreRegistered).isPresent()
                ? NonceIssuer.Features.ANONYMOUS
                : NonceIssuer.Features.NAMED;
        // RFC 7635 section 6.1 puts the attribute into the 401 that asks for credentials.
        boolean takesTokens = failure != AuthFailure.STALE_NONCE
                && legTenant.filter(tenant -> !tenant.accessTokenKeys().isEmpty()).isPresent();
        return new AuthResult.Challenge(failure, nonces.issue(features, from.transport(), from.address()),
                PASSWORD_ALGORITHMS, takesTokens ? Optional.of(thirdParty) : Optional.empty(),
                claim.map(known -> known.name.tenantId()), claim.map(known -> known.name.userId()));
    }
}
