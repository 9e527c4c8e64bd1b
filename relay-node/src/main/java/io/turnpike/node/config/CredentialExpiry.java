package io.turnpike.node.config;

/** What the end of a TURN REST credential stops. */
public enum CredentialExpiry {
    ALLOCATE, REFRESH, HARD_CUT
}
