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
 * credentials, {@code <tenant>/<user>} and {@code <user>} for static users.
 *
 * @param tenantId tenant
 * @param userId user within the tenant
 * @param expiresAt seconds since 1970 after which the credential is refused; empty for a static user
 */
public record TurnUsername(String tenantId, String userId, OptionalLong expiresAt) {
    private static final int MAX_EXPIRY_DIGITS = 12;

    /** Refuses names that no tenant or user can have. */
    public TurnUsername {
        if (!TenantName.isTenantId(tenantId)) {
            throw new IllegalArgumentException("not a tenant id");
        }
        if (!TenantName.isUserId(userId)) {
            throw new IllegalArgumentException("not a user id");
        }
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
        if (colon > 0 && isExpiry(username, colon)) {
            OptionalLong expiry = OptionalLong.of(Long.parseLong(username.substring(0, colon)));
            String rest = username.substring(colon + 1);
            int second = rest.indexOf(':');
            return second < 0
                    ? of(defaultTenant, rest, expiry)
                    : of(rest.substring(0, second), rest.substring(second + 1), expiry);
        }
        int slash = username.indexOf('/');
        return slash < 0
                ? of(defaultTenant, username, OptionalLong.empty())
                : of(username.substring(0, slash), username.substring(slash + 1), OptionalLong.empty());
    }

    private static boolean isExpiry(String username, int colon) {
        if (colon > MAX_EXPIRY_DIGITS) {
            return false;
        }
        for (int i = 0; i < colon; i++) {
            if (username.charAt(i) < '0' || username.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static Optional<TurnUsername> of(String tenantId, String userId, OptionalLong expiresAt) {
        return TenantName.isTenantId(tenantId) && TenantName.isUserId(userId)
                ? Optional.of(new TurnUsername(tenantId, userId, expiresAt))
                : Optional.empty();
    }

    /** The TURN REST user name for a credential that ends at the given instant. */
    public static String rest(Instant expiresAt, String tenantId, String userId) {
        return expiresAt.getEpochSecond() + ":" + tenantId + ":" + userId;
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
