package io.turnpike.stun;

/** The two message integrity algorithms of RFC 8489 sections 14.5 and 14.6. */
public enum IntegrityAlgorithm {
    /** MESSAGE-INTEGRITY, HMAC-SHA1, 20 bytes. */
    HMAC_SHA1("HmacSHA1", MessageIntegrity.BYTES, AttributeType.MESSAGE_INTEGRITY),
    /** MESSAGE-INTEGRITY-SHA256, HMAC-SHA256, 32 bytes. */
    HMAC_SHA256("HmacSHA256", MessageIntegritySha256.BYTES, AttributeType.MESSAGE_INTEGRITY_SHA256);

    private final String macName;
    private final int macBytes;
    private final AttributeType attribute;

    IntegrityAlgorithm(String macName, int macBytes, AttributeType attribute) {
        this.macName = macName;
        this.macBytes = macBytes;
        this.attribute = attribute;
    }

    /** Java's name of the HMAC. */
    String macName() {
        return macName;
    }

    /** Length of the full HMAC. */
    public int macBytes() {
        return macBytes;
    }

    /** The attribute that carries it. */
    public AttributeType attribute() {
        return attribute;
    }
}
