package io.turnpike.node.quota;

import java.time.Instant;

/**
 * What the ledger last said of a tenant's whole quota, in a grant to whatever process: every node reads every grant.
 *
 * @param policyEpoch policy that it was said under
 * @param exhausted whether nothing is left
 * @param until end of the period that it was said of
 */
record Heard(long policyEpoch, boolean exhausted, Instant until) {
    static final Heard NOTHING = new Heard(0, false, Instant.MIN);

    static Heard in(QuotaGrant grant) {
        return new Heard(grant.policyEpoch(), grant.exhausted(), grant.periodEnd());
    }

    /** Whether nothing is left now; what was said under another policy does not count. */
    boolean isExhausted(QuotaPolicy policy, Instant now) {
        return exhausted && policyEpoch == policy.policyEpoch() && now.isBefore(until);
    }
}
