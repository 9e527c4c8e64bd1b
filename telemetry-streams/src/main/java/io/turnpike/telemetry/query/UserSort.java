package io.turnpike.telemetry.query;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** Orders of a tenant's users. Ties are broken by the user id, so that every order is total and can be paged. */
public enum UserSort {
    /** Most billable bytes first. */
    BYTES_DESCENDING("-bytes", Comparator.comparingLong(UserUsage::billableBytes).reversed()
            .thenComparing(UserUsage::user)),
    /** Fewest billable bytes first. */
    BYTES_ASCENDING("bytes", Comparator.comparingLong(UserUsage::billableBytes).thenComparing(UserUsage::user)),
    /** By user id. */
    USER("user", Comparator.comparing(UserUsage::user));

    private final String text;
    private final Comparator<UserUsage> order;

    UserSort(String text, Comparator<UserUsage> order) {
        this.text = text;
        this.order = order;
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
}
