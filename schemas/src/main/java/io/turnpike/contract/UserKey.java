package io.turnpike.contract;

import java.util.Optional;

/**
 * Names one user of a tenant: the key of {@link Topic#REVOCATION}, of what concerns a user in {@link Topic#ALLOCATION}, and
 * of what is kept for each user.
 *
 * @param tenantId tenant, in which no separator stands
 * @param userId user, opaque; may be empty
 */
public record UserKey(String tenantId, String userId) {
    private static final char SEPARATOR = '|';

    /** The text form: the tenant first, so that a range over a tenant is one range of bytes. */
    public String text() {
        return tenantId + SEPARATOR + userId;
    }

    /** Reads the text form; empty if it is none. */
    public static Optional<UserKey> parse(String text) {
        int separator = text.indexOf(SEPARATOR);
        return separator < 0
                ? Optional.empty()
                : Optional.of(new UserKey(text.substring(0, separator), text.substring(separator + 1)));
    }
}
