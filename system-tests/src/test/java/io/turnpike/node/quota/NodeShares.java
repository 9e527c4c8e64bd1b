package io.turnpike.node.quota;

import java.lang.reflect.Field;
import java.util.Map;

/** A look at the leased share of one tenant in a {@link QuotaTable}; changes nothing. */
public final class NodeShares {
    private static final Field TENANTS = field(QuotaTable.class, "tenants");
    private static final Field SHARE = field(ScopedQuota.class, "share");
    private static final Field CAPS = field(TenantShare.class, "caps");
    private static final Field BUCKET = field(TenantShare.class, "bucket");
    private static final Field LEASE = field(TenantShare.class, "lease");

    private final QuotaTable table;
    private final String tenantId;

    /** The share of a tenant. */
    public NodeShares(QuotaTable table, String tenantId) {
        this.table = table;
        this.tenantId = tenantId;
    }

    /** What the node caps now. */
    public Caps caps() {
        Object tenant = ((Map<?, ?>) get(TENANTS, table)).get(tenantId);
        return tenant == null ? Caps.NONE : (Caps) get(CAPS, get(SHARE, tenant));
    }

    /** Rate that the node lets pass at this time; only where it caps one. */
    public long bitsPerSecond(long nanos) {
        return ((RateBucket) get(BUCKET, share())).bitsPerSecondAt(nanos);
    }

    /** Whether the node's lease holds at this time. */
    public boolean isLeased(long nanos) {
        return ((Lease) get(LEASE, share())).holds(nanos);
    }

    private Object share() {
        return get(SHARE, ((Map<?, ?>) get(TENANTS, table)).get(tenantId));
    }

    private static Field field(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object get(Field field, Object target) {
        try {
            return field.get(target);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
