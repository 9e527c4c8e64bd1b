package io.turnpike.node.auth;

import io.turnpike.contract.AccessToken;
import io.turnpike.contract.TurnUsername;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.MacKey;
import io.turnpike.stun.Octets;
import io.turnpike.stun.StunFrame;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Opens the access token of a request and checks the request with it (RFC 7635 section 7). It remembers no token: what
 * bounds a replay is the token's time, its mac_key, which is not on the wire, and the nonce. Thread-safe.
 */
final class AccessTokenCheck {
    /** How far the clocks of authorization server and relay may differ: the RFC's Delta. */
    static final Duration DELTA = Duration.ofSeconds(5);

    private static final int MD5_BYTES = 16;

    private final String serverName;
    private final InstantSource clock;

    /** @param serverName what THIRD-PARTY-AUTHORIZATION says; tokens for others do not open */
    AccessTokenCheck(String serverName, InstantSource clock) {
        this.serverName = serverName;
        this.clock = clock;
    }

    /**
     * What the check says.
     *
     * @param failure why the request is refused, or empty
     * @param session what the token has opened, or empty
     */
    record Outcome(Optional<AuthFailure> failure, Optional<TokenSession> session) {
        private static Outcome refused(AuthFailure failure) {
            return new Outcome(Optional.of(failure), Optional.empty());
        }
    }

    /** Checks a request that carries the token, in the order of the RFC's section. */
    Outcome check(StunFrame request, Octets token, Tenant tenant, TurnUsername kid, IntegrityAlgorithm sent) {
        Optional<AccessTokenKey> key = kid.expiresAt().isPresent()
                ? Optional.empty()
                : tenant.accessTokenKeys().stream().filter(each -> each.id().equals(kid.userId())).findFirst();
        if (key.isEmpty()) {
            return Outcome.refused(AuthFailure.UNKNOWN_TOKEN_KEY);
        }
        Optional<AccessToken> opened = AccessToken.open(key.get().secret(), serverName, token.toByteArray());
        if (opened.isEmpty()) {
            return Outcome.refused(AuthFailure.TOKEN_REFUSED);
        }
        Optional<Instant> deadline = deadline(opened.get());
        if (deadline.isEmpty()) {
            return Outcome.refused(AuthFailure.EXPIRED);
        }
        Optional<MacKey> macKey = Stream.of(opened.get().macKey(), shortened(opened.get().macKey())).map(MacKey::of)
                .filter(each -> request.verifies(each, sent)).findFirst();
        if (macKey.isEmpty()) {
            return Outcome.refused(AuthFailure.WRONG_PASSWORD);
        }
        String user = opened.get().userId().orElse(TokenSession.NAMELESS);
        return new Outcome(Optional.empty(),
                Optional.of(new TokenSession(tenant.id(), user,
                        TokenSession.username(user), macKey.get(), deadline.get().getEpochSecond(),
                        opened.get().issuedAt().getEpochSecond())));
    }

    /** coturn's clients sign with as many bytes of the mac_key as an MD5 key has; these are as hard to guess. */
    private static byte[] shortened(byte[] macKey) {
        return Arrays.copyOf(macKey, MD5_BYTES);
    }

    /** Good while lifetime + Delta is above the distance between its time and now; for as long as that leaves. */
    private Optional<Instant> deadline(AccessToken token) {
        Instant now = clock.instant();
        Duration left = token.lifetime().plus(DELTA).minus(Duration.between(token.issuedAt(), now).abs());
        Instant deadline = now.plus(left);
        return left.compareTo(Duration.ZERO) > 0 && deadline.getEpochSecond() > now.getEpochSecond()
                ? Optional.of(deadline)
                : Optional.empty();
    }
}
