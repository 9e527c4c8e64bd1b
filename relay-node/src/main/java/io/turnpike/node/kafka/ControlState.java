package io.turnpike.node.kafka;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.contract.UserKey;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.quota.QuotaTable;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the control topics say now, carried into the tenant directory and the quota table. Records that cannot be read are
 * counted and skipped; what they replace stays. Confined to the control thread.
 *
 * <p>Topics that are read again tell their history again, and a tenant that was suspended once must not lose its calls to
 * that. So what is older than what is known waits until the topics have been read to their end.
 */
final class ControlState {
    private static final Logger LOG = LoggerFactory.getLogger(ControlState.class);
    private final ControlMapping mapping;
    private final TenantDirectory tenants;
    private final QuotaTable quotas;
    private final AtomicLong poison = new AtomicLong();
    /** The newest good record of each key, for the snapshot. Grants and shares are not in it: they die with the process. */
    private final Map<Id, ControlSnapshot.Entry> entries = new LinkedHashMap<>();
    private final Set<Id> read = new HashSet<>();
    /** Versions of tenants and policies, a deleted tenant's too. */
    private final Map<Id, Long> versions = new HashMap<>();
    /** What was read again and is older than what is known; a null value deletes. */
    private final Map<Id, byte[]> older = new HashMap<>();
    private boolean reading;
    private boolean changed;

    private record Id(Topic topic, String key) {}

    ControlState(ControlMapping mapping, TenantDirectory tenants, QuotaTable quotas) {
        this.mapping = mapping;
        this.tenants = tenants;
        this.quotas = quotas;
    }

    /** Takes what the snapshot kept. */
    void restore(List<ControlSnapshot.Entry> snapshot) {
        snapshot.forEach(entry -> apply(entry.topic(), entry.key(), entry.value()));
        read.clear();
        changed = false;
    }

    /** The topics are about to be read from their beginning. */
    void beginReading() {
        read.clear();
        older.clear();
        reading = true;
    }

    /**
     * The topics have been read to their end: what they did not hold was deleted while nobody looked. But nobody deletes
     * policies: a topic that has lost them must not make a tenant unlimited.
     */
    void endReading() {
        reading = false;
        new HashMap<>(older).forEach((id, value) -> apply(id.topic, id.key, value));
        older.clear();
        Set<Id> gone = new HashSet<>(entries.keySet());
        gone.removeAll(read);
        Map<Boolean, List<Id>> lost = gone.stream()
                .collect(Collectors.partitioningBy(id -> id.topic == Topic.QUOTA_POLICY));
        lost.get(false).forEach(this::forget);
        if (!lost.get(true).isEmpty()) {
            LOG.warn("policies are gone from their topic and stay in force topic={} policies={}",
                    Topic.QUOTA_POLICY.topicName(), lost.get(true).size());
        }
        read.clear();
        quotas.controlCaughtUp();
    }

    /** Takes a record of a control topic; a null value deletes. */
    void apply(Topic topic, String key, byte[] value) {
        Id id = new Id(topic, key);
        if (topic != Topic.QUOTA_GRANT && topic != Topic.QUOTA_SHARE) {
            read.add(id);
        }
        if (value == null) {
            if (reading) {
                older.put(id, null);
            } else {
                forget(id);
            }
            return;
        }
        String reason = "not a record of this topic";
        try {
            if (RecordCodec.decode(value) instanceof RecordCodec.Decoded.Good good) {
                if (reading && isOlder(id, good.record())) {
                    older.put(id, value);
                    return;
                }
                if (take(id, value, good.record())) {
                    older.remove(id);
                    return;
                }
            }
        } catch (RuntimeException e) { // a record that decodes may still say what cannot be
            reason = e.getMessage();
        }
        poison.incrementAndGet();
        if (topic == Topic.QUOTA_POLICY && !entries.containsKey(id)) {
            quotas.applyPolicy(key, ControlMapping.unreadablePolicy());
        }
        LOG.warn("control record skipped topic={} key={} reason=\"{}\"", topic.topicName(), key, reason);
    }

    /**
     * Topics that are read again begin with what has long been replaced. Following it for a moment would lift a hard quota
     * (QUOTA.md rule 12) or bring a revoked secret back.
     */
    private boolean isOlder(Id id, SpecificRecord record) {
        long known = versions.getOrDefault(id, Long.MIN_VALUE);
        return record instanceof TenantRecord tenant && tenant.getVersion() < known
                || record instanceof QuotaPolicy policy && policy.getPolicyEpoch() < known;
    }

    private boolean take(Id id, byte[] value, SpecificRecord record) {
        if (record instanceof QuotaGrant grant && id.topic == Topic.QUOTA_GRANT) {
            quotas.applyGrant(mapping.grant(grant));
            return true;
        }
        if (record instanceof QuotaShare share && id.topic == Topic.QUOTA_SHARE) {
            quotas.applyShare(mapping.share(share));
            return true;
        }
        if (record instanceof TenantRecord tenant && id.equals(new Id(Topic.TENANT, tenant.getTenantId()))) {
            boolean deleted = tenant.getStatus() == TenantStatus.DELETED;
            if (deleted) {
                remove(id);
            } else {
                tenants.put(mapping.tenant(tenant));
            }
            versions.put(id, tenant.getVersion());
            if (deleted) {
                return true;
            }
        } else if (record instanceof QuotaPolicy policy
                && id.equals(new Id(Topic.QUOTA_POLICY, policy.getTenantId()))) {
            quotas.applyPolicy(policy.getTenantId(), mapping.policy(policy));
            versions.put(id, policy.getPolicyEpoch());
        } else if (record instanceof Revocation revocation && id.equals(idOf(revocation))) {
            tenants.revoke(revocation.getTenantId(), revocation.getUserId(), mapping.revocation(revocation));
        } else {
            return false;
        }
        entries.put(id, new ControlSnapshot.Entry(id.topic, id.key, value));
        changed = true;
        return true;
    }

    private static Id idOf(Revocation revocation) {
        return new Id(Topic.REVOCATION, new UserKey(revocation.getTenantId(), revocation.getUserId()).text());
    }

    /** The topic says nothing about it any more. */
    private void forget(Id id) {
        versions.remove(id);
        remove(id);
    }

    private void remove(Id id) {
        changed |= entries.remove(id) != null;
        switch (id.topic) {
            case TENANT -> tenants.remove(id.key);
            case QUOTA_POLICY -> quotas.removePolicy(id.key);
            case REVOCATION ->
                UserKey.parse(id.key).ifPresent(user -> tenants.forgive(user.tenantId(), user.userId()));
            default -> {
                // a grant ends with its account, a share with its lease
            }
        }
    }

    /** Whether the snapshot is out of date; asking again says no until something changes. */
    boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    Collection<ControlSnapshot.Entry> entries() {
        return entries.values();
    }

    /** Records that could not be read. */
    long poison() {
        return poison.get();
    }
}
