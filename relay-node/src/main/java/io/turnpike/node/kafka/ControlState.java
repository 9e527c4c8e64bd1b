package io.turnpike.node.kafka;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
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
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the control topics say now, carried into the tenant directory and the quota table; revocations are kept for those
 * who will ask. Records that cannot be read
 * are counted and skipped; what they replace stays. Confined to the control thread.
 */
final class ControlState {
    private static final Logger LOG = LoggerFactory.getLogger(ControlState.class);

    private final ControlMapping mapping;
    private final TenantDirectory tenants;
    private final QuotaTable quotas;
    private final AtomicLong poison = new AtomicLong();
    /** The newest good record of each key, for the snapshot. Grants are not in it: they die with the process. */
    private final Map<Id, ControlSnapshot.Entry> entries = new LinkedHashMap<>();
    private final Set<Id> read = new HashSet<>();
    /** Newest version of each tenant and policy, a deleted tenant's too. */
    private final Map<Id, Long> versions = new HashMap<>();
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
    }

    /** The topics have been read to their end: what they did not hold was deleted while nobody looked. */
    void endReading() {
        Set<Id> gone = new HashSet<>(entries.keySet());
        gone.removeAll(read);
        gone.forEach(id -> {
            versions.remove(id);
            remove(id);
        });
        read.clear();
        quotas.controlCaughtUp();
    }

    /** Takes a record of a control topic; a null value deletes. */
    void apply(Topic topic, String key, byte[] value) {
        Id id = new Id(topic, key);
        if (topic != Topic.QUOTA_GRANT) {
            read.add(id);
        }
        if (value == null) {
            versions.remove(id);
            remove(id);
            return;
        }
        String reason = "not a record of this topic";
        try {
            if (RecordCodec.decode(value) instanceof RecordCodec.Decoded.Good good && take(id, value, good.record())) {
                return;
            }
        } catch (RuntimeException e) { // a record that decodes may still say what cannot be
            reason = e.getMessage();
        }
        poison.incrementAndGet();
        LOG.warn("control record skipped topic={} key={} reason=\"{}\"", topic.topicName(), key, reason);
    }

    private boolean take(Id id, byte[] value, SpecificRecord record) {
        if (record instanceof QuotaGrant grant && id.topic == Topic.QUOTA_GRANT) {
            quotas.applyGrant(mapping.grant(grant));
            return true;
        }
        if (isOutdated(id, record)) {
            return true;
        }
        if (record instanceof TenantRecord tenant && id.topic == Topic.TENANT) {
            if (tenant.getStatus() == TenantStatus.DELETED) {
                remove(id);
                return true;
            }
            tenants.put(mapping.tenant(tenant));
        } else if (record instanceof QuotaPolicy policy && id.topic == Topic.QUOTA_POLICY) {
            quotas.applyPolicy(policy.getTenantId(), mapping.policy(policy));
        } else if (!(record instanceof Revocation) || id.topic != Topic.REVOCATION) {
            return false;
        }
        entries.put(id, new ControlSnapshot.Entry(id.topic, id.key, value));
        changed = true;
        return true;
    }

    /**
     * Topics that are read again begin with what has long been replaced. Following it for a moment would lift a hard quota
     * (QUOTA.md rule 12) or bring a revoked secret back.
     */
    private boolean isOutdated(Id id, SpecificRecord record) {
        if (record instanceof TenantRecord tenant && id.topic == Topic.TENANT) {
            return versions.merge(id, tenant.getVersion(), Math::max) > tenant.getVersion();
        }
        return record instanceof QuotaPolicy policy && id.topic == Topic.QUOTA_POLICY
                && versions.merge(id, policy.getPolicyEpoch(), Math::max) > policy.getPolicyEpoch();
    }

    private void remove(Id id) {
        changed |= entries.remove(id) != null;
        switch (id.topic) {
            case TENANT -> tenants.remove(id.key);
            case QUOTA_POLICY -> quotas.removePolicy(id.key);
            default -> {
                // a revocation ends by its own expiry; a grant by its account
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
