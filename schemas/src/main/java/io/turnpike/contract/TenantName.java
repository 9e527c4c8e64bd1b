package io.turnpike.contract;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The rules for names of tenants and users; every program asks here. */
public final class TenantName {
    /** A tenant id: lower-case letters, digits and hyphens, at most 63, the first no hyphen. */
    public static final Pattern TENANT_ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private static final int MAX_TENANT_CHARACTERS = 63;

    /** Longest user id in UTF-8 bytes. */
    public static final int MAX_USER_BYTES = 128;

    /** A host name of lower-case labels (RFC 1123 section 2.1); at most 253 characters. */
    public static final Pattern SERVER_NAME = Pattern.compile(
            "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    private TenantName() {}

    /** Whether the text may name a tenant. */
    public static boolean isTenantId(String text) {
        // Asked for each request of each client: a matcher and its groups would be made each time.
        if (text.isEmpty() || text.length() > MAX_TENANT_CHARACTERS || text.charAt(0) == '-') {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if ((each < 'a' || each > 'z') && (each < '0' || each > '9') && each != '-') {
                return false;
            }
        }
        return true;
    }

    /** Whether the text may be a TLS server name that selects a tenant. */
    public static boolean isServerName(String text) {
        return SERVER_NAME.matcher(text).matches();
    }

    /** Whether the text may name a user: 1 to {@value #MAX_USER_BYTES} bytes of UTF-8 without control characters. */
    public static boolean isUserId(String text) {
        // No more characters than bytes, and every control character is one char.
        if (text.isEmpty() || text.length() > MAX_USER_BYTES) {
            return false;
        }
        boolean ascii = true;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (Character.isISOControl(each)) {
                return false;
            }
            ascii &= each < 0x80;
        }
        return ascii || text.getBytes(StandardCharsets.UTF_8).length <= MAX_USER_BYTES;
    }
}
