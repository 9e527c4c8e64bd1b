package io.turnpike.telemetry.ledger.share;

import io.turnpike.contract.QuotaShareKey;
import io.turnpike.contract.TenantName;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.TenantNodeUsage;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The single writer of leased shares. It has no clock and no thread; the ledger's task calls it, one record at a time, and
 * publishes what it decided in the record's transaction. Leases run on the caller's monotonic clock; one that is made anew
 * over the same store lets each lease begin again. Shares rise only by a consumed record (QUOTA.md rule 8).
 */
public final class ShareLedger {
    private final ShareStore store;
    private Map<String, TenantShares> tenants;

    /** Over a store. */
    public ShareLedger(ShareStore store) {
        this.store = store;
    }

    /**
     * Takes a node's report of one tenant.
     *
     * @param policy the tenant's
     * @param nanos monotonic clock
     */
    public List<QuotaShare> onReport(TenantNodeUsage usage, QuotaPolicy policy, Instant now, long nanos) {
        EventHeader header = usage.getHeader();
        Caps caps = Caps.of(policy);
        if (usage.getShare() == null || !TenantName.isTenantId(header.getTenantId())) {
            return List.of();
        }
        TenantShares tenant = tenant(header.getTenantId(), nanos);
        if (!caps.areAny() && tenant.isEmpty() && !usage.getShare().getFinalReport()) {
            return List.of();
        }
        tenant.expire(nanos);
        ShareTurn turn = new ShareTurn(tenant, store, caps, policy.getPolicyEpoch(), now, nanos);
        turn.take(usage, new QuotaShareKey(header.getTenantId(), header.getNodeId(), header.getNodeEpoch(),
                usage.getProcessNonce(), ""));
        return turn.end();
    }

    /** Follows a tenant's policy, which has just been written: shares fit the new caps, as far as they are acknowledged. */
    public List<QuotaShare> onPolicy(QuotaPolicy policy, Instant now, long nanos) {
        TenantShares tenant = tenant(policy.getTenantId(), nanos);
        if (tenant.isEmpty()) {
            return List.of();
        }
        tenant.expire(nanos);
        ShareTurn turn = new ShareTurn(tenant, store, Caps.of(policy), policy.getPolicyEpoch(), now, nanos);
        turn.divideAll();
        return turn.end();
    }

    /** Takes the shares of silent processes back. Nobody gets them before he reports. */
    public void onTick(long nanos) {
        load(nanos);
        tenants.values().forEach(tenant -> tenant.expire(nanos));
        tenants.values().removeIf(TenantShares::isEmpty);
    }

    private TenantShares tenant(String tenantId, long nanos) {
        load(nanos);
        return tenants.computeIfAbsent(tenantId, id -> new TenantShares(store));
    }

    private void load(long nanos) {
        if (tenants == null) {
            tenants = new HashMap<>();
            store.eachShare(share -> tenants.computeIfAbsent(share.key().tenantId(), id -> new TenantShares(store))
                    .restore(share, nanos));
        }
    }
}
