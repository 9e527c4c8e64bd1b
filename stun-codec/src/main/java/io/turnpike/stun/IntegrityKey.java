package io.turnpike.stun;

import javax.crypto.SecretKey;

/** The key of a message's HMAC: a long-term or a short-term credential (RFC 8489 section 9). Immutable. */
public sealed interface IntegrityKey permits LongTermKey, ShortTermKey {

    /** The key bytes, ready for the HMAC. */
    SecretKey secret();
}
