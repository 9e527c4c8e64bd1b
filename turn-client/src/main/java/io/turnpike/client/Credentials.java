package io.turnpike.client;

/**
 * A long-term credential (RFC 8489 section 9.2), static or made by the TURN REST scheme.
 *
 * @param username
 *            sent as it is
 * @param password
 *            never shown
 */
public record Credentials(String username, String password) {

    @Override
    public String toString() {
        return "Credentials[" + username + "]";
    }
}
