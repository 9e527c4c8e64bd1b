package io.turnpike.telemetry.query;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** Orders of a tenant's users. Ties are broken by the user id, so that every order is total and can be paged. */
public enum UserSort {
    /** Most billable bytes first. */
    BYTES_DESCENDING("-bytes"),
    /** Fewest billable bytes first. */
    BYTES_ASCENDING("bytes"),
    /** By user id. */
    USER("user");

    private final String text;
    private final Comparator<UserUsage> order = (one, other) -> compare(one.billableBytes(), one.user(),
            other.billableBytes(), other.user());

    UserSort(String text) {
        this.text = text;
    }

    /** The order that the API calls by the text, such as {@code -bytes}. */
    public static Optional<UserSort> parse(String text) {
        return Arrays.stream(values()).filter(sort -> sort.text.equals(text)).findFirst();
    }

    /** The API's name of the order. */
    public String text() {
        return text;
    }

    /** The order itself. */
    public Comparator<UserUsage> order() {
        return order;
    }

    /** Compares two places in the order, without an object for either. */
    int compare(long bytes, String user, long otherBytes, String otherUser) {
        int byBytes = switch (this) {
            case BYTES_DESCENDING -> Long.compare(otherBytes, bytes);
            case BYTES_ASCENDING -> Long.compare(bytes, otherBytes);
            case USER -> 0;
        };
        return byBytes == 0 ? user.compareTo(otherUser) : byBytes;
    }
}
