package io.turnpike.node.quota;

import java.util.Map;

/** A look at the leased share of one tenant in a {@link QuotaTable}; changes nothing. */
public final class NodeShares {
    private static final Hidden TENANTS = Hidden.of(QuotaTable.class, "tenants");
    private static final Hidden SHARE = Hidden.of(ScopedQuota.class, "share");
    private static final Hidden CAPS = Hidden.of(TenantShare.class, "caps");
    private static final Hidden BUCKET = Hidden.of(TenantShare.class, "bucket");
    private static final Hidden LEASE = Hidden.of(TenantShare.class, "lease");

    private final QuotaTable table;
    private final String tenantId;

    /** The share of a tenant. */
    public NodeShares(QuotaTable table, String tenantId) {
        this.table = table;
        this.tenantId = tenantId;
    }

    /** What the node caps now. */
    public Caps caps() {
        Object tenant = ((Map<?, ?>) TENANTS.in(table)).get(tenantId);
        return tenant == null ? Caps.NONE : (Caps) CAPS.in(SHARE.in(tenant));
    }

    /** Rate that the node lets pass at this time; only where it caps one. */
    public long bitsPerSecond(long nanos) {
        return ((RateBucket) BUCKET.in(share())).bitsPerSecondAt(nanos);
    }

    /** Whether the node's lease holds at this time. */
    public boolean isLeased(long nanos) {
        return ((Lease) LEASE.in(share())).holds(nanos);
    }

    private Object share() {
        return SHARE.in(((Map<?, ?>) TENANTS.in(table)).get(tenantId));
    }
}
