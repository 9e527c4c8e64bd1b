package io.turnpike.node.auth;

import io.turnpike.contract.TurnUsername;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.PasswordHash;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds the key that a request was signed with: of a static user, or of one of the tenant's shared secrets. Keys that
 * were right are remembered in a bounded cache; a sender who knows no password leaves nothing behind. Thread-safe.
 */
final class KeyRing {
    /** A password of nobody: its key is computed, and whatever it says is not believed. */
    private static final String DECOY = "nobody's password";

    private final SharedSecret decoy = new SharedSecret("decoy", SharedSecret.Algorithm.HMAC_SHA1, DECOY);
    private final String realm;
    private final Map<UserName, String> passwords;
    private final Map<CacheKey, CachedKey> proven;

    /** @param cacheSize proven keys that are remembered, the least recently used go first */
    KeyRing(String realm, Map<UserName, String> passwords, int cacheSize) {
        this.realm = realm;
        this.passwords = Map.copyOf(passwords);
        this.proven = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<CacheKey, CachedKey> eldest) {
                return size() > cacheSize;
            }
        };
        // A realm or password that RFC 8265 refuses stops the start, not each request.
        LongTermKey.md5("", realm, DECOY);
        passwords.forEach((user, password) -> LongTermKey.md5(user.user(), realm, password));
    }

    /** A static user. */
    record UserName(String tenant, String user) {}

    /** Whether any password could exist for the name. */
    boolean knows(Tenant tenant, TurnUsername name) {
        return name.expiresAt().isPresent()
                ? !tenant.secrets().isEmpty()
                : passwords.containsKey(new UserName(name.tenantId(), name.userId()));
    }

    /**
     * The first key that verifies. Where no key can, as many are tried all the same, so that the time of the answer tells
     * nobody which names exist, nor how many secrets a tenant has.
     *
     * @param tenant the active tenant of the name, if there is one
     * @param username USERNAME as it was sent
     * @param mostSecrets how many secrets any tenant has at most
     */
    Optional<LongTermKey> find(Optional<Tenant> tenant, TurnUsername name, String username, PasswordHash hash,
            int mostSecrets, Predicate<LongTermKey> verifies) {
        int tries = name.expiresAt().isPresent() ? Math.max(1, mostSecrets) : 1;
        CacheKey cacheKey = new CacheKey(name.tenantId(), username, hash);
        if (tenant.filter(known -> knows(known, name)).isEmpty()) {
            pretend(tries, name, cacheKey, verifies);
            return Optional.empty();
        }
        Optional<LongTermKey> remembered = remembered(cacheKey, tenant.get()).filter(verifies);
        if (remembered.isPresent()) {
            return remembered;
        }
        if (name.expiresAt().isEmpty()) {
            return ofStaticUser(name, username, cacheKey, verifies);
        }
        Optional<LongTermKey> found = signed(tenant.get(), username, cacheKey, verifies);
        if (found.isEmpty()) {
            pretend(tries - tenant.get().secrets().size(), name, cacheKey, verifies);
        }
        return found;
    }

    /** Does the work of so many passwords that are wrong. */
    private void pretend(int tries, TurnUsername name, CacheKey cacheKey, Predicate<LongTermKey> verifies) {
        for (int i = 0; i < tries; i++) {
            String password = name.expiresAt().isPresent() ? decoy.passwordOf(cacheKey.username) : DECOY;
            verifies.test(derive(cacheKey, cacheKey.username, password));
        }
    }

    private Optional<LongTermKey> ofStaticUser(TurnUsername name, String username, CacheKey cacheKey,
            Predicate<LongTermKey> verifies) {
        String password = passwords.get(new UserName(name.tenantId(), name.userId()));
        return password == null
                ? Optional.empty()
                : proven(derive(cacheKey, username, password), cacheKey, Optional.empty(), verifies);
    }

    private Optional<LongTermKey> signed(Tenant tenant, String username, CacheKey cacheKey,
            Predicate<LongTermKey> verifies) {
        for (SharedSecret secret : tenant.secrets()) {
            LongTermKey key = derive(cacheKey, username, secret.passwordOf(username));
            Optional<LongTermKey> found = proven(key, cacheKey, Optional.of(secret), verifies);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private LongTermKey derive(CacheKey cacheKey, String username, String password) {
        return LongTermKey.derive(cacheKey.hash, username, realm, password);
    }

    private Optional<LongTermKey> proven(LongTermKey key, CacheKey cacheKey, Optional<SharedSecret> origin,
            Predicate<LongTermKey> verifies) {
        if (!verifies.test(key)) {
            return Optional.empty();
        }
        synchronized (proven) {
            proven.put(cacheKey, new CachedKey(key, origin));
        }
        return Optional.of(key);
    }

    /** A key made from a secret that the tenant no longer has is forgotten: rotation and suspension hold at once. */
    private Optional<LongTermKey> remembered(CacheKey cacheKey, Tenant tenant) {
        synchronized (proven) {
            CachedKey cached = proven.get(cacheKey);
            if (cached == null) {
                return Optional.empty();
            }
            if (cached.origin.isPresent() && !tenant.secrets().contains(cached.origin.get())) {
                proven.remove(cacheKey);
                return Optional.empty();
            }
            return Optional.of(cached.key);
        }
    }

    /** Number of remembered keys. */
    int rememberedKeys() {
        synchronized (proven) {
            return proven.size();
        }
    }

    /** The tenant is not always in the user name: the listener or the TLS server name may have said it. */
    private record CacheKey(String tenantId, String username, PasswordHash hash) {}

    private record CachedKey(LongTermKey key, Optional<SharedSecret> origin) {}
}
