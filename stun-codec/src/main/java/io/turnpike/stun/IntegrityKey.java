package io.turnpike.stun;

import javax.crypto.SecretKey;

/**
 * The key of a message's HMAC: of a long-term or a short-term credential (RFC 8489 section 9), or of an access token
 * (RFC 7635). Immutable.
 */
public sealed interface IntegrityKey permits LongTermKey, ShortTermKey, MacKey {

    /** The key bytes, ready for the HMAC. */
    SecretKey secret();
}
