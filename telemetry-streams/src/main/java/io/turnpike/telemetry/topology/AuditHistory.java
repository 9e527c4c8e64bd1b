package io.turnpike.telemetry.topology;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.telemetry.store.LedgerStores;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The newest decisions on each tenant, and in a ring of their own, so that they do not crowd those out, the newest ones on the
 * quotas of its users. Confined to the stream thread.
 */
final class AuditHistory {
    private static final StringSerializer KEYS = new StringSerializer();
    private static final String FIRST_NUMBER = "000000";

    private final KeyValueStore<String, QuotaAudit> store;
    /** Of each prefix that was written to since the task began. */
    private final Map<String, Ring> rings = new HashMap<>();

    private static final class Ring {
        String last = "";
        int size;

        void add(String key) {
            last = key;
            size++;
        }
    }

    AuditHistory(KeyValueStore<String, QuotaAudit> store) {
        this.store = store;
    }

    /** Keeps an audit behind all others of its ring, whatever the clock did, and forgets the oldest one. */
    void keep(QuotaAudit audit) {
        boolean isOfUser = !audit.getUserId().isEmpty();
        String prefix = isOfUser
                ? LedgerStores.usersAudits(audit.getTenantId())
                : LedgerStores.prefix(audit.getTenantId());
        Ring ring = rings.computeIfAbsent(prefix, this::read);
        String key = keyAfter(ring.last, prefix + String.format("%019d|", micros(audit.getOccurredAt())));
        store.put(key, audit);
        ring.add(key);
        while (ring.size > (isOfUser ? LedgerStores.USER_AUDITS_PER_TENANT : LedgerStores.AUDITS_PER_TENANT)) {
            store.delete(first(prefix));
            ring.size--;
        }
    }

    private static String keyAfter(String last, String time) {
        String key = time + FIRST_NUMBER;
        if (last.compareTo(key) < 0) {
            return key;
        }
        int number = last.lastIndexOf('|') + 1;
        return last.substring(0, number) + String.format("%06d", Integer.parseInt(last.substring(number)) + 1);
    }

    private Ring read(String prefix) {
        Ring ring = new Ring();
        try (KeyValueIterator<String, QuotaAudit> found = store.prefixScan(prefix, KEYS)) {
            while (found.hasNext()) {
                ring.add(found.next().key);
            }
        }
        return ring;
    }

    private String first(String prefix) {
        try (KeyValueIterator<String, QuotaAudit> found = store.prefixScan(prefix, KEYS)) {
            return found.next().key;
        }
    }

    /** What was decided on the tenant itself. */
    List<QuotaAudit> ofTenant(String tenantId) {
        List<QuotaAudit> found = new ArrayList<>();
        LedgerStores.each(store, LedgerStores.prefix(tenantId), (key, audit) -> found.add(audit));
        return found;
    }

    private static long micros(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    }
}
