package io.turnpike.ctl;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Builds the path and query of a request; every part is percent-encoded. */
final class Path {

    private final StringBuilder text = new StringBuilder("/v1");
    private char separator = '?';

    private Path() {}

    /** {@code /v1/} and the parts. */
    static Path of(String... parts) {
        Path path = new Path();
        for (String part : parts) {
            path.text.append('/').append(encode(part));
        }
        return path;
    }

    /** Adds a query parameter, unless the value is null. */
    Path with(String name, Object value) {
        if (value != null) {
            text.append(separator).append(name).append('=').append(encode(value.toString()));
            separator = '&';
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
