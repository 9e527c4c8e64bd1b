package io.turnpike.client;

import java.util.Optional;

import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.PasswordAlgorithm;
import io.turnpike.stun.PasswordAlgorithms;
import io.turnpike.stun.PasswordHash;
import io.turnpike.stun.Realm;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.Username;

/**
 * The client's side of the long-term credential mechanism (RFC 8489 section 9.2): learns the realm and the nonce from a
 * challenge, signs requests, checks responses. Confined to the client's event loop.
 */
final class LongTermSession {

    private final Credentials credentials;
    private final PasswordHash onlyHash;
    private final boolean legacy;
    private Realm realm;
    private Nonce nonce;
    private PasswordAlgorithms offered;
    private LongTermKey key;

    /**
     * @param onlyHash
     *            the one to choose from the server's list; null for the first that is known
     * @param legacy
     *            whether to act as an RFC 5389 client, which does not know PASSWORD-ALGORITHMS
     */
    LongTermSession(Credentials credentials, PasswordHash onlyHash, boolean legacy) {
        this.credentials = credentials;
        this.onlyHash = onlyHash;
        this.legacy = legacy;
    }

    /** Whether a challenge was learnt, so that requests can be signed. */
    boolean isChallenged() {
        return key != null;
    }

    /**
     * Learns from a 401 or 438 (RFC 8489 section 9.2.5).
     *
     * @return what is wrong with the challenge; empty if requests can now be signed
     */
    Optional<String> learn(StunAnswer challenge) {
        Realm newRealm = challenge.get(Realm.class).orElse(realm);
        Nonce newNonce = challenge.get(Nonce.class).orElse(null);
        if (newRealm == null || newNonce == null) {
            return Optional.of("the challenge lacks REALM or NONCE");
        }
        PasswordAlgorithms list = legacy ? null : challenge.get(PasswordAlgorithms.class).orElse(null);
        if (list == null && !legacy && newNonce.announcesPasswordAlgorithms()) {
            return Optional.of("the nonce announces PASSWORD-ALGORITHMS and the list is missing: a bid-down attack");
        }
        Optional<PasswordHash> hash = list == null ? Optional.of(PasswordHash.MD5) : choose(list);
        if (hash.isEmpty()) {
            return Optional.of("the server offers no password algorithm that this client may use");
        }
        realm = newRealm;
        nonce = newNonce;
        offered = list;
        key = LongTermKey.derive(hash.get(), credentials.username(), realm.name(), credentials.password());
        return Optional.empty();
    }

    /** What was learnt, for a connection that the same server shall know as the same client's. */
    record Learnt(Realm realm, Nonce nonce, PasswordAlgorithms offered, LongTermKey key) {}

    /** What was learnt so far. */
    Learnt learnt() {
        return new Learnt(realm, nonce, offered, key);
    }

    /** Begins where another session is. */
    void adopt(Learnt learnt) {
        realm = learnt.realm;
        nonce = learnt.nonce;
        offered = learnt.offered;
        key = learnt.key;
    }

    /** Adds the credential attributes and the integrity attribute; they must be the last but FINGERPRINT. */
    void sign(StunMessageBuilder request) {
        request.add(new Username(credentials.username())).add(realm).add(nonce);
        if (offered != null) {
            request.add(offered).add(new PasswordAlgorithm(key.hash()));
        }
        request.integrity(key, algorithm());
    }

    /**
     * Whether a response to a signed request may be believed: signed with the same key, or a 401 or 438, which cannot
     * be (RFC 8489 section 9.2.5).
     */
    boolean accepts(StunFrame response) {
        if (response.verifies(key, algorithm())) {
            return true;
        }
        int code = response.get(ErrorCodeAttribute.class).map(error -> error.code()).orElse(0);
        return !response.hasIntegrity()
                && (code == ErrorCode.UNAUTHENTICATED.code() || code == ErrorCode.STALE_NONCE.code());
    }

    private IntegrityAlgorithm algorithm() {
        return offered == null ? IntegrityAlgorithm.HMAC_SHA1 : IntegrityAlgorithm.HMAC_SHA256;
    }

    private Optional<PasswordHash> choose(PasswordAlgorithms list) {
        return list.algorithms().stream().flatMap(algorithm -> algorithm.hash().stream())
                .filter(hash -> onlyHash == null || hash == onlyHash).findFirst();
    }
}
