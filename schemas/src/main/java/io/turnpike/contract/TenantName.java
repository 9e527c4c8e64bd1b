package io.turnpike.contract;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The rules for names of tenants and users; every program asks here. */
public final class TenantName {
    /** A tenant id: lower-case letters, digits and hyphens, at most 63, the first no hyphen. */
    public static final Pattern TENANT_ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    /** Longest user id in UTF-8 bytes. */
    public static final int MAX_USER_BYTES = 128;

    /** A host name of lower-case labels (RFC 1123 section 2.1); at most 253 characters. */
    public static final Pattern SERVER_NAME = Pattern.compile(
            "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    private TenantName() {}

    /** Whether the text may name a tenant. */
    public static boolean isTenantId(String text) {
        return TENANT_ID.matcher(text).matches();
    }

    /** Whether the text may be a TLS server name that selects a tenant. */
    public static boolean isServerName(String text) {
        return SERVER_NAME.matcher(text).matches();
    }

    /** Whether the text may name a user: 1 to {@value #MAX_USER_BYTES} bytes of UTF-8 without control characters. */
    public static boolean isUserId(String text) {
        return !text.isEmpty() && text.getBytes(StandardCharsets.UTF_8).length <= MAX_USER_BYTES
                && text.codePoints().noneMatch(Character::isISOControl);
    }
}
