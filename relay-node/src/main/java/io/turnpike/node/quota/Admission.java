package io.turnpike.node.quota;

/** The answer to a request for a new allocation. */
public sealed interface Admission {
    /** The tenant may allocate; the allowance is what its data is debited from. */
    record Admitted(Allowance allowance) implements Admission {}

    /** The request is answered 486 (RFC 8656 section 7.2). */
    record Refused(Reason reason) implements Admission {}

    /** Why a tenant may not allocate now. */
    enum Reason {
        /** The quota of the period is spent. */
        EXHAUSTED,
        /** The ledger has not answered within {@code quota.admission-timeout}. */
        NO_GRANT,
        /** As many allocations of the tenant, or of the user, live as may. */
        NO_SLOT,
        /** Another process with this node id has started later; this one spends no more (QUOTA.md rule 6). */
        FENCED
    }
}
