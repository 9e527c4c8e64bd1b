package io.turnpike.contract;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The topics, each once: name, key, partitions and cleanup. Programs create missing ones with these settings at start.
 *
 * <p>Everything that belongs to one tenant is partitioned by Kafka's murmur2 of the UTF-8 tenant id, also where the key
 * holds more than the tenant id, so that one task of the telemetry application sees all of it.
 */
public enum Topic {
    /** AllocationEvent, PermissionEvent, MilestoneEvent; key: allocation id. */
    ALLOCATION("turnpike.allocation", 24, Keyed.BY_ALLOCATION, Cleanup.DELETE, Duration.ofDays(7)),
    /** UsageSnapshot; key: allocation id. Same partition count as {@link #ALLOCATION}: they are read together. */
    BANDWIDTH("turnpike.bandwidth", 24, Keyed.BY_ALLOCATION, Cleanup.DELETE, Duration.ofDays(7)),
    /** TenantNodeUsage; key: tenant id. */
    TENANT_USAGE("turnpike.tenant-usage", 12, Keyed.BY_TENANT, Cleanup.DELETE, Duration.ofHours(24)),
    /** NodeStatus; key: node id. */
    NODE("turnpike.node", 3, Keyed.BY_NODE, Cleanup.COMPACT_AND_DELETE, Duration.ofDays(7)),
    /** TenantCommand, WebhookCommand; key: tenant id. */
    COMMAND("turnpike.command", 12, Keyed.BY_TENANT, Cleanup.DELETE, Duration.ofDays(7)),
    /** TenantRecord; key: tenant id. */
    TENANT("turnpike.tenant", 12, Keyed.BY_TENANT, Cleanup.COMPACT, null),
    /** QuotaPolicy; key: tenant id. */
    QUOTA_POLICY("turnpike.quota-policy", 12, Keyed.BY_TENANT, Cleanup.COMPACT, null),
    /** Revocation; key: tenant id|user id, partitioned by tenant id. */
    REVOCATION("turnpike.revocation", 12, Keyed.BY_TENANT, Cleanup.COMPACT, null),
    /**
     * QuotaGrant; key: see {@link QuotaAccountKey}, partitioned by tenant id. Kept for longer than the longest period,
     * since an account that still has a charge must not vanish (QUOTA.md rule 7).
     */
    QUOTA_GRANT("turnpike.quota-grant", 12, Keyed.BY_TENANT, Cleanup.COMPACT_AND_DELETE, Duration.ofDays(70)),
    /**
     * QuotaShare; key: see {@link QuotaShareKey}, partitioned by tenant id. Kept for much longer than any lease: afterwards
     * a share is worth nothing.
     */
    QUOTA_SHARE("turnpike.quota-share", 12, Keyed.BY_TENANT, Cleanup.COMPACT_AND_DELETE, Duration.ofHours(1)),
    /** QuotaAudit; key: tenant id. */
    QUOTA_AUDIT("turnpike.quota-audit", 12, Keyed.BY_TENANT, Cleanup.DELETE, Duration.ofDays(400)),
    /** Webhook; key: tenant id|name, partitioned by tenant id. No relay reads it. */
    WEBHOOK("turnpike.webhook", 12, Keyed.BY_TENANT, Cleanup.COMPACT, null),
    /** WebhookProgress; key: tenant id|name, partitioned by tenant id. */
    WEBHOOK_PROGRESS("turnpike.webhook-progress", 12, Keyed.BY_TENANT, Cleanup.COMPACT, null),
    /** UsageRollup; key: tenant id. */
    ROLLUP("turnpike.rollup", 12, Keyed.BY_TENANT, Cleanup.DELETE, Duration.ofDays(35)),
    /** Records that could not be read, with the reason in headers; key: the original one. */
    DLQ("turnpike.dlq", 3, Keyed.BY_ORIGINAL, Cleanup.DELETE, Duration.ofDays(30));

    /** What the key of a record names. */
    public enum Keyed {
        BY_ALLOCATION, BY_TENANT, BY_NODE, BY_ORIGINAL
    }

    private enum Cleanup {
        DELETE("delete"), COMPACT("compact"), COMPACT_AND_DELETE("compact,delete");

        private final String policy;

        Cleanup(String policy) {
            this.policy = policy;
        }
    }

    private final String topicName;
    private final int partitions;
    private final Keyed keyed;
    private final Cleanup cleanup;
    private final Duration retention;

    Topic(String topicName, int partitions, Keyed keyed, Cleanup cleanup, Duration retention) {
        this.topicName = topicName;
        this.partitions = partitions;
        this.keyed = keyed;
        this.cleanup = cleanup;
        this.retention = retention;
    }

    /** The name in Kafka, without the prefix that a configuration may put before it. */
    public String topicName() {
        return topicName;
    }

    /** Partitions by default. Topics of one {@link Keyed} that are read together must keep equal counts. */
    public int partitions() {
        return partitions;
    }

    /**
     * Partitions where a cluster is small.
     *
     * @param most upper bound, at least 1
     */
    public int partitions(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("partitions must be at least 1, not " + most);
        }
        return Math.min(partitions, most);
    }

    /** What the key names. */
    public Keyed keyed() {
        return keyed;
    }

    /**
     * Topic settings for the broker. Event topics use the broker's clock as record time, so that no relay's clock can
     * move stream time; event time is inside the record.
     */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("cleanup.policy", cleanup.policy);
        settings.put("message.timestamp.type", "LogAppendTime");
        if (retention != null) {
            settings.put("retention.ms", Long.toString(retention.toMillis()));
        }
        return settings;
    }
}
