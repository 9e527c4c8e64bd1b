package io.turnpike.contract;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a webhook must fulfil by itself, for the API, which says what is wrong, and for the ledger, the last door. */
public final class WebhookRules {
    /** Most webhooks of a tenant: each event is sent to all of them. */
    public static final int MOST = 8;
    /** Most keys of a webhook: the one that signs, and the one that will or did. */
    public static final int MOST_SECRETS = 2;
    /** Names, and ids of keys. */
    public static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    /** Longest URL in characters. */
    public static final int LONGEST_URL = 2_048;
    /** The rule for URLs, for messages. */
    public static final String URL_RULE = "must be an absolute https (or http) URL of at most " + LONGEST_URL
            + " ASCII characters, without user and fragment";
    /** What begins the text of a key (Standard Webhooks). */
    public static final String SECRET_PREFIX = "whsec_";
    /** The rule for keys, for messages. */
    public static final String SECRET_RULE = "must be " + SECRET_PREFIX + " and 24 to 64 bytes in base64";

    private static final int HIGHEST_PORT = 65_535;

    private WebhookRules() {}

    /** Reads a URL; empty if it does not follow {@link #URL_RULE}. */
    public static Optional<URI> url(String text) {
        if (text.length() > LONGEST_URL || !text.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            return Optional.empty();
        }
        try {
            URI url = new URI(text).parseServerAuthority();
            String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
            boolean good = (scheme.equals("https") || scheme.equals("http")) && url.getHost() != null
                    && url.getRawUserInfo() == null && url.getRawFragment() == null && url.getPort() != 0
                    && url.getPort() <= HIGHEST_PORT;
            return good ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Whether the URL is one of plain HTTP. */
    public static boolean isPlain(URI url) {
        return url.getScheme().equalsIgnoreCase("http");
    }

    /** The bytes of a key; empty if the text does not follow {@link #SECRET_RULE}. */
    public static Optional<byte[]> secret(String text) {
        if (!text.startsWith(SECRET_PREFIX)) {
            return Optional.empty();
        }
        try {
            byte[] key = Base64.getDecoder().decode(text.substring(SECRET_PREFIX.length()));
            return key.length >= 24 && key.length <= 64 ? Optional.of(key) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether every type is one of {@link AuditEvent}, and none is named twice. */
    public static boolean areEvents(List<String> types) {
        return types.stream().allMatch(type -> AuditEvent.parse(type).isPresent())
                && types.stream().distinct().count() == types.size();
    }
}
