package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaPolicy;

/**
 * The policy of each user of a tenant: that of the tenant, with the users' volume in place of the tenant's. The grace of
 * SAFE_RATE is the tenant's alone: a relay writes down ahead how far tenants go on, and stops users.
 */
public final class UserPolicy {
    private UserPolicy() {}

    /** The policy that holds for a scope. */
    public static QuotaPolicy of(QuotaScope scope, QuotaPolicy tenant) {
        return scope.isUser() ? ofUsers(tenant) : tenant;
    }

    /** The policy that holds for every user of a tenant. */
    static QuotaPolicy ofUsers(QuotaPolicy tenant) {
        return QuotaPolicy.newBuilder(tenant).setVolumeBytes(tenant.getUserVolumeBytes())
                .setOnControlLoss(onControlLoss(tenant)).build();
    }

    private static OnControlLoss onControlLoss(QuotaPolicy tenant) {
        OnControlLoss action = tenant.getOnControlLoss();
        return action == OnControlLoss.SAFE_RATE ? OnControlLoss.STOP : action;
    }
}
