package io.turnpike.ctl;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Builds the path and query of a request; every part is percent-encoded. */
final class Path {

    private final StringBuilder text;
    private char separator = '?';

    private Path(String root) {
        text = new StringBuilder(root);
    }

    /** {@code /v1/} and the parts. */
    static Path of(String... parts) {
        return new Path("/v1").add(parts);
    }

    /** The parts alone, for what has no version. */
    static Path outside(String... parts) {
        return new Path("").add(parts);
    }

    private Path add(String... parts) {
        for (String part : parts) {
            text.append('/').append(encode(part));
        }
        return this;
    }

    /** Adds a query parameter, unless the value is null. */
    Path with(String name, Object value) {
        if (value != null) {
            text.append(separator).append(name).append('=').append(encode(value.toString()));
            separator = '&';
        }
        return this;
    }

    /** Adds the time of which the answer is to tell. */
    Path with(Range range) {
        return range.in(this);
    }

    /** Adds which part of the list the answer is to be. */
    Path with(Page page) {
        return page.in(this);
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
