package io.turnpike.stun;

import java.util.Optional;

/** How a long-term key is made from a password (RFC 8489 section 18.5). */
public enum PasswordHash {
    MD5(0x0001, "MD5"), SHA256(0x0002, "SHA-256");

    private final int code;
    private final String digest;

    PasswordHash(int code, String digest) {
        this.code = code;
        this.digest = digest;
    }

    /** The 16-bit number of the IANA registry. */
    public int code() {
        return code;
    }

    /** The name of the IANA registry, which is the digest's in Java too. */
    public String registryName() {
        return digest;
    }

    /** The constant of a number, empty if it is none of these. */
    public static Optional<PasswordHash> ofCode(int code) {
        return code == MD5.code ? Optional.of(MD5) : code == SHA256.code ? Optional.of(SHA256) : Optional.empty();
    }
}
