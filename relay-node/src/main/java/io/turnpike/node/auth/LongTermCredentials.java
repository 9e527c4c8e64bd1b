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
import io.turnpike.stun.Username;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The long-term credential check of a TURN request, in the order of RFC 8489 section 9.2.4. The nonce comes last: an
 * old nonce must not hide a wrong password, or a client would retry for ever. Thread-safe; a {@link StunFrame} is not.
 */
public final class LongTermCredentials {
    /** Offered to every client, best first; nonces are bound to it. */
    public static final PasswordAlgorithms PASSWORD_ALGORITHMS = PasswordAlgorithms.of(PasswordHash.SHA256,
            PasswordHash.MD5);

    private static final Octets OFFERED = Octets.of(encoded(PASSWORD_ALGORITHMS));
    private static final int REMEMBERED_KEYS = 16_384;

    private final String realm;
    private final String defaultTenant;
    private final TenantDirectory tenants;
    private final KeyRing keys;
    private final NonceIssuer nonces;
    private final InstantSource clock;

    LongTermCredentials(String realm, String defaultTenant, TenantDirectory tenants, KeyRing keys, NonceIssuer nonces,
            InstantSource clock) {
        this.realm = realm;
        this.defaultTenant = defaultTenant;
        this.tenants = tenants;
        this.keys = keys;
        this.nonces = nonces;
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
        NonceIssuer nonces = new NonceIssuer(nonceKeys(config.auth(), config.clusterKey()),
                config.auth().nonceLifetime(), clock, boundTo(config.realm()));
        return new LongTermCredentials(config.realm(), config.defaultTenant(), tenants,
                new KeyRing(config.realm(), passwords, REMEMBERED_KEYS), nonces, clock);
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
     * @param source client address and port, as the server sees them
     * @param legTenant tenant of names that name none, where the listener or the TLS server name says it
     */
    public AuthResult check(StunFrame request, InetSocketAddress source, Optional<String> legTenant) {
        if (!request.hasIntegrity()) {
            return challenge(AuthFailure.NO_CREDENTIALS, source, Optional.empty());
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
        Optional<String> username = request.get(Username.class).map(Username::name);
        Optional<TurnUsername> name = username
                .flatMap(text -> TurnUsername.parse(text, legTenant.orElse(defaultTenant)));
        if (name.isEmpty() || !requestRealm.get().name().equals(realm)) {
            return challenge(AuthFailure.MALFORMED_USERNAME, source, Optional.empty());
        }
        return checkUser(request, source, nonce.get(), hash.get(), username.get(), name.get());
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

    private AuthResult checkUser(StunFrame request, InetSocketAddress source, Nonce nonce, PasswordHash hash,
            String username, TurnUsername name) {
        IntegrityAlgorithm sent = request.has(AttributeType.MESSAGE_INTEGRITY_SHA256)
                ? IntegrityAlgorithm.HMAC_SHA256
                : IntegrityAlgorithm.HMAC_SHA1;
        Optional<Tenant> found = tenants.find(name.tenantId());
        // Before anything is said of the name: an answer takes as long for a name that does not exist.
        Optional<LongTermKey> key = keys.find(found.filter(Tenant::active), name, username, hash,
                each -> request.verifies(each, sent));
        if (found.isEmpty()) {
            return challenge(AuthFailure.UNKNOWN_TENANT, source, Optional.empty());
        }
        Tenant tenant = found.get();
        if (!tenant.active()) {
            return challenge(AuthFailure.SUSPENDED_TENANT, source, Optional.of(name));
        }
        if (!keys.knows(tenant, name)) {
            return challenge(AuthFailure.UNKNOWN_USER, source, Optional.of(name));
        }
        if (key.isEmpty()) {
            return challenge(AuthFailure.WRONG_PASSWORD, source, Optional.of(name));
        }
        if (hasExpired(name) && request.method() == StunMethod.ALLOCATE) {
            return challenge(AuthFailure.EXPIRED, source, Optional.of(name));
        }
        if (!nonces.isValid(nonce, source)) {
            return challenge(AuthFailure.STALE_NONCE, source, Optional.of(name));
        }
        return new AuthResult.Authenticated(tenant, name.userId(), username, key.get(), responseIntegrity(request));
    }

    /** An expired name makes no new allocation; those that it made may live on, as a call outlasts its credential. */
    private boolean hasExpired(TurnUsername name) {
        return name.expiresAt().isPresent() && name.expiresAt().getAsLong() <= clock.instant().getEpochSecond();
    }

    /** SHA-1 for a request that chose no password algorithm, SHA-256 otherwise (RFC 8489 section 9.2.4, at the end). */
    private static IntegrityAlgorithm responseIntegrity(StunFrame request) {
        boolean choseAlgorithm = request.has(AttributeType.PASSWORD_ALGORITHM)
                || request.has(AttributeType.PASSWORD_ALGORITHMS);
        return choseAlgorithm ? IntegrityAlgorithm.HMAC_SHA256 : IntegrityAlgorithm.HMAC_SHA1;
    }

    private AuthResult challenge(AuthFailure failure, InetSocketAddress source, Optional<TurnUsername> name) {
        return new AuthResult.Challenge(failure, nonces.issue(source), PASSWORD_ALGORITHMS,
                name.map(TurnUsername::tenantId), name.map(TurnUsername::userId));
    }
}
