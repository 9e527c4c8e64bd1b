package io.turnpike.contract;

import java.security.GeneralSecurityException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a TURN user name says: tenant, user, and until when. The tenant is in the signed name because the first Allocate
 * has no other place for it and browsers send no ORIGIN.
 *
 * <p>Forms: {@code <unix-expiry>:<tenant>:<user>} and {@code <unix-expiry>:<user>} (default tenant) for TURN REST
 * credentials, {@code <tenant>/<user>} and {@code <user>} for static users. The expiry may be followed by when the credential
 * was issued, {@code <unix-expiry>-<unix-issue>:<tenant>:<user>}: a revocation spares only what shows to be newer.
 *
 * @param tenantId tenant
 * @param userId user within the tenant
 * @param expiresAt seconds since 1970 after which the credential is refused; empty for a static user
 * @param issuedAt seconds since 1970 in which the credential was issued, where the name says so
 */
public record TurnUsername(String tenantId, String userId, OptionalLong expiresAt, OptionalLong issuedAt) {
    private static final int MAX_SECONDS_DIGITS = 12;

    /** Refuses names that no tenant or user can have. */
    public TurnUsername {
        if (!TenantName.isTenantId(tenantId)) {
            throw new IllegalArgumentException("not a tenant id");
        }
        if (!TenantName.isUserId(userId)) {
            throw new IllegalArgumentException("not a user id");
        }
    }

    /** A name that does not say when its credential was issued. */
    public TurnUsername(String tenantId, String userId, OptionalLong expiresAt) {
        this(tenantId, userId, expiresAt, OptionalLong.empty());
    }

    /**
     * Reads the USERNAME of a request.
     *
     * @param username the attribute's text
     * @param defaultTenant tenant of names that name none
     * @return empty if the text has none of the forms
     */
    public static Optional<TurnUsername> parse(String username, String defaultTenant) {
        int colon = username.indexOf(':');
        int hyphen = username.lastIndexOf('-', colon);
        boolean stamped = isSeconds(username, 0, hyphen) && isSeconds(username, hyphen + 1, colon);
        if (stamped || isSeconds(username, 0, colon)) {
            OptionalLong expiry = seconds(username, 0, stamped ? hyphen : colon);
            OptionalLong issue = stamped ? seconds(username, hyphen + 1, colon) : OptionalLong.empty();
            String rest = username.substring(colon + 1);
            int second = rest.indexOf(':');
            return second < 0
                    ? of(defaultTenant, rest, expiry, issue)
                    : of(rest.substring(0, second), rest.substring(second + 1), expiry, issue);
        }
        int slash = username.indexOf('/');
        return slash < 0
                ? of(defaultTenant, username, OptionalLong.empty(), OptionalLong.empty())
                : of(username.substring(0, slash), username.substring(slash + 1), OptionalLong.empty(),
                        OptionalLong.empty());
    }

    private static boolean isSeconds(String username, int from, int to) {
        if (to <= from || to - from > MAX_SECONDS_DIGITS) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (username.charAt(i) < '0' || username.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static OptionalLong seconds(String username, int from, int to) {
        return OptionalLong.of(Long.parseLong(username, from, to, 10));
    }

    private static Optional<TurnUsername> of(String tenantId, String userId, OptionalLong expiresAt,
            OptionalLong issuedAt) {
        return TenantName.isTenantId(tenantId) && TenantName.isUserId(userId)
                ? Optional.of(new TurnUsername(tenantId, userId, expiresAt, issuedAt))
                : Optional.empty();
    }

    /** The TURN REST user name for a credential that ends at the given instant. */
    public static String rest(Instant expiresAt, String tenantId, String userId) {
        return expiresAt.getEpochSecond() + ":" + tenantId + ":" + userId;
    }

    /** As the other, for a credential that says when it was issued. */
    public static String rest(Instant expiresAt, Instant issuedAt, String tenantId, String userId) {
        return expiresAt.getEpochSecond() + "-" + issuedAt.getEpochSecond() + ":" + tenantId + ":" + userId;
    }

    /**
     * The TURN REST password of a user name: base64(HMAC(secret, username)).
     *
     * @param hmac {@code HmacSHA1} or {@code HmacSHA256}
     * @param secret shared secret
     * @param username whole user name, as it is sent
     */
    public static String restPassword(String hmac, byte[] secret, String username) {
        try {
            Mac mac = Mac.getInstance(hmac);
            mac.init(new SecretKeySpec(secret, hmac));
            return Base64.getEncoder().encodeToString(mac.doFinal(username.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("cannot compute " + hmac, e);
        }
    }
}
