package io.turnpike.node.auth;

/** What the end of a TURN REST credential stops; the tenant chooses. */
public enum CredentialExpiry {
    /** New allocations only: a call outlasts the credential that began it. */
    ALLOCATE,
    /** New allocations and their refreshes: a call ends within one lifetime. */
    REFRESH,
    /** Everything: no lifetime reaches beyond the credential, and an allocation ends with it. */
    HARD_CUT
}
