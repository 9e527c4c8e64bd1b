package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;

/**
 * Whose quota it is: a tenant's, or that of one of its users.
 *
 * @param tenantId tenant
 * @param userId user, opaque; empty for the tenant's own quota
 */
public record QuotaScope(String tenantId, String userId) {
    private static final char USER = '/';
    private static final char LENGTH = ':';

    /** A tenant's own quota. */
    public static QuotaScope tenant(String tenantId) {
        return new QuotaScope(tenantId, "");
    }

    /** The quota that an account is part of. */
    public static QuotaScope of(QuotaAccountKey account) {
        return new QuotaScope(account.tenantId(), account.userId());
    }

    /** Whether it is a user's. */
    public boolean isUser() {
        return !userId.isEmpty();
    }

    /**
     * The text form. No form and no range that begins with {@code form + '|'} holds another scope's keys, since a user's
     * form tells the length of the user id and a tenant id holds no {@code /}.
     */
    public String text() {
        return isUser() ? tenantId + USER + userId.length() + LENGTH + userId : tenantId;
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static QuotaScope parse(String text) {
        int user = text.indexOf(USER);
        if (user < 0) {
            return tenant(text);
        }
        int length = text.indexOf(LENGTH, user);
        if (length < 0) {
            throw new IllegalArgumentException("not a quota's scope: " + text);
        }
        return new QuotaScope(text.substring(0, user), text.substring(length + 1));
    }
}
