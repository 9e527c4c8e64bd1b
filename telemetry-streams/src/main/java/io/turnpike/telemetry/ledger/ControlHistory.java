package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
import java.util.List;

/**
 * What the control topics say that the ledger has decided before. A ledger without a state asks here first, since an
 * empty store is not a new ledger (QUOTA.md rule 9).
 */
@FunctionalInterface
public interface ControlHistory {
    /**
     * Reads one partition of the control topics to its end.
     *
     * @param partition partition, which is also the ledger task's
     * @throws IllegalStateException if it cannot be read whole; the ledger then decides nothing
     */
    Decided read(int partition);

    /**
     * The newest record of each key.
     *
     * @param tenants tenants, deleted ones included
     * @param policies quota policies
     * @param grants full states of the quota accounts
     * @param revocations users whose credentials were revoked
     * @param webhooks webhooks that were not removed
     * @param shares full states of leased shares
     */
    record Decided(List<TenantRecord> tenants, List<QuotaPolicy> policies, List<QuotaGrant> grants,
            List<Revocation> revocations, List<Webhook> webhooks, List<QuotaShare> shares) {
        /** The history of a cluster in which nothing was decided yet. */
        public static final Decided NOTHING = new Decided(List.of(), List.of(), List.of(), List.of(), List.of(),
                List.of());

        /** Keeps copies. */
        public Decided {
            tenants = List.copyOf(tenants);
            policies = List.copyOf(policies);
            grants = List.copyOf(grants);
            revocations = List.copyOf(revocations);
            webhooks = List.copyOf(webhooks);
            shares = List.copyOf(shares);
        }
    }
}
