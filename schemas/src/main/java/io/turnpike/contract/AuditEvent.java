package io.turnpike.contract;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.TenantStatus;
import java.util.Arrays;
import java.util.Optional;

/** What an audit tells the world: the closed set of types by which webhooks choose and receivers switch. */
public enum AuditEvent {
    /** A percent of the volume that the policy names was passed. */
    QUOTA_WARNING("quota.warning", true),
    /** The volume is used, or granted whole: new allocations are refused, live ones are cut under HARD. */
    QUOTA_EXHAUSTED("quota.exhausted", true),
    /** An exhausted quota has volume again. */
    QUOTA_REOPENED("quota.reopened", true),
    /** Another change of the state, such as a raise that leaves a warning behind. */
    QUOTA_STATE("quota.state", true),
    /** Another period began. */
    QUOTA_PERIOD("quota.period", true),
    /** A policy was written. */
    QUOTA_CHANGED("quota.changed", true),
    /** Something is wrong with the books: two processes of one name, a grant that nobody knows. */
    QUOTA_ALARM("quota.alarm", true),
    /** A process gave its account back; as many as relays and tenants times restarts. */
    QUOTA_SETTLED("quota.settled", false),
    /** The tenant was suspended. */
    TENANT_SUSPENDED("tenant.suspended", true),
    /** The tenant was written, and is active. */
    TENANT_CHANGED("tenant.changed", true),
    /** A user's credentials were revoked. */
    CREDENTIALS_REVOKED("credentials.revoked", true),
    /** A webhook was written, removed or disabled. */
    WEBHOOK_CHANGED("webhook.changed", true),
    /** A webhook has taken nothing for so long that events are given up. */
    WEBHOOK_DEAD("webhook.dead", true),
    /** Somebody asked for a test of one webhook; only that one gets it. */
    WEBHOOK_TEST("webhook.test", true);

    private final String type;
    private final boolean isDefault;

    AuditEvent(String type, boolean isDefault) {
        this.type = type;
        this.isDefault = isDefault;
    }

    /** Name in JSON. */
    public String type() {
        return type;
    }

    /** Whether a webhook that names no types gets it. */
    public boolean isDefault() {
        return isDefault;
    }

    /** The event of a name. */
    public static Optional<AuditEvent> parse(String type) {
        return Arrays.stream(values()).filter(event -> event.type.equals(type)).findFirst();
    }

    /** What an audit tells; empty for refused commands and for what only a newer program writes. */
    public static Optional<AuditEvent> of(QuotaAudit audit) {
        return switch (audit.getKind()) {
            case STATE_CHANGED -> Optional.of(ofState(audit));
            case PERIOD_ROLLED -> Optional.of(QUOTA_PERIOD);
            case ACCOUNT_SETTLED -> Optional.of(QUOTA_SETTLED);
            case ALARM -> Optional.of(QUOTA_ALARM);
            case COMMAND_APPLIED -> ofCommand(audit);
            case COMMAND_REFUSED, UNKNOWN -> Optional.empty();
        };
    }

    private static AuditEvent ofState(QuotaAudit audit) {
        if (audit.getWarnedPercent() > 0) {
            return QUOTA_WARNING;
        }
        if (audit.getToState() == QuotaState.EXHAUSTED) {
            return QUOTA_EXHAUSTED;
        }
        return audit.getFromState() == QuotaState.EXHAUSTED ? QUOTA_REOPENED : QUOTA_STATE;
    }

    private static Optional<AuditEvent> ofCommand(QuotaAudit audit) {
        return switch (audit.getCommand()) {
            case PUT_TENANT -> Optional
                    .of(audit.getTenantStatus() == TenantStatus.SUSPENDED ? TENANT_SUSPENDED : TENANT_CHANGED);
            case PUT_QUOTA -> Optional.of(QUOTA_CHANGED);
            case REVOKE_CREDENTIAL -> Optional.of(CREDENTIALS_REVOKED);
            case PUT_WEBHOOK, DELETE_WEBHOOK, DISABLE_WEBHOOK -> Optional.of(WEBHOOK_CHANGED);
            case REPORT_WEBHOOK -> Optional.of(WEBHOOK_DEAD);
            case TEST_WEBHOOK -> Optional.of(WEBHOOK_TEST);
            // A deleted tenant has no webhook left.
            case DELETE_TENANT, NONE, UNKNOWN -> Optional.empty();
        };
    }
}
