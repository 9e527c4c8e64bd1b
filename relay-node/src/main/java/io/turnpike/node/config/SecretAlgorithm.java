package io.turnpike.node.config;

/** HMAC that turns a TURN REST user name into a password. */
public enum SecretAlgorithm {
    HMAC_SHA1, HMAC_SHA256
}
