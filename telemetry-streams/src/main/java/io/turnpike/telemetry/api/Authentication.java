package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import io.turnpike.telemetry.api.Caller.Rights;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells who calls: by bearer token (RFC 6750), or by being on this machine where that is allowed. Tokens are compared as
 * digests, all of them each time, so that time tells nothing about them.
 */
final class Authentication {
    /** Names by which a local caller reaches us. Others come from a web page whose name was rebound to loopback. */
    private static final Pattern LOOPBACK_AUTHORITY = Pattern
            .compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");
    private static final String SCHEME = "Bearer ";

    private record Known(ApiToken token, byte[] digest) {}

    private final List<Known> known;
    private final boolean anonymousReadOnLoopback;

    Authentication(List<ApiToken> tokens, boolean anonymousReadOnLoopback) {
        this.known = tokens.stream().map(token -> new Known(token, digest(token.token()))).toList();
        this.anonymousReadOnLoopback = anonymousReadOnLoopback;
    }

    /**
     * The caller of a request.
     *
     * @throws Problem 401 if there is none
     */
    Caller caller(RequestHeaders headers, InetSocketAddress remote) {
        String authorization = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (authorization == null) {
            if (anonymousReadOnLoopback && isLocal(headers, remote)) {
                return new Caller("anonymous", Rights.READ, Optional.empty());
            }
            throw challenge("no bearer token was sent");
        }
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw challenge("only bearer tokens are understood");
        }
        return named(authorization.substring(SCHEME.length()).strip());
    }

    private Caller named(String presented) {
        byte[] digest = digest(presented);
        ApiToken match = null;
        for (Known candidate : known) {
            if (MessageDigest.isEqual(candidate.digest, digest)) {
                match = candidate.token;
            }
        }
        if (match == null) {
            throw challenge("the bearer token is not known");
        }
        return new Caller(match.name(), match.tenantId().isPresent() ? Rights.READ_AND_MINT : Rights.ALL,
                match.tenantId());
    }

    static Problem challenge(String detail) {
        return Problem.of(Problem.Kind.UNAUTHORIZED, detail).with(HttpHeaderNames.WWW_AUTHENTICATE,
                "Bearer realm=\"turnpike\"");
    }

    /** On this machine, and not handed on by a proxy on this machine. */
    private static boolean isLocal(RequestHeaders headers, InetSocketAddress remote) {
        return remote.getAddress() != null && remote.getAddress().isLoopbackAddress() && headers.authority() != null
                && LOOPBACK_AUTHORITY.matcher(headers.authority()).matches()
                && !headers.contains(HttpHeaderNames.FORWARDED) && !headers.contains(HttpHeaderNames.X_FORWARDED_FOR);
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
