package io.turnpike.telemetry.topology;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.telemetry.store.LedgerStores;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The newest decisions on each tenant, and in a ring of their own, so that they do not crowd those out, the newest ones on the
 * quotas of its users. Confined to the stream thread.
 */
final class AuditHistory {
    private static final int MICROS_DIGITS = 19;
    private static final int LAST_NUMBER = 999_999;

    private final KeyValueStore<String, QuotaAudit> store;
    /** The keys in their order by prefix, of each prefix that was written to since the task began: a scan for the first copies all. */
    private final Map<String, Deque<String>> rings = new HashMap<>();

    AuditHistory(KeyValueStore<String, QuotaAudit> store) {
        this.store = store;
    }

    /** Keeps an audit behind all others of its ring, whatever the clock did, and forgets the oldest ones. */
    void keep(QuotaAudit audit) {
        boolean isOfUser = !audit.getUserId().isEmpty();
        String prefix = isOfUser
                ? LedgerStores.usersAudits(audit.getTenantId())
                : LedgerStores.prefix(audit.getTenantId());
        Deque<String> ring = rings.computeIfAbsent(prefix, this::read);
        String key = key(prefix, micros(audit.getOccurredAt()), 0);
        if (!ring.isEmpty() && ring.getLast().compareTo(key) >= 0) {
            key = keyAfter(ring.getLast(), prefix);
        }
        store.put(key, audit);
        ring.add(key);
        while (ring.size() > (isOfUser ? LedgerStores.USER_AUDITS_PER_TENANT : LedgerStores.AUDITS_PER_TENANT)) {
            store.delete(ring.remove());
        }
    }

    private static String key(String prefix, long micros, int number) {
        return prefix + String.format("%0" + MICROS_DIGITS + "d|%06d", micros, number);
    }

    private static String keyAfter(String last, String prefix) {
        long micros = Long.parseLong(last.substring(prefix.length(), prefix.length() + MICROS_DIGITS));
        int number = Integer.parseInt(last.substring(prefix.length() + MICROS_DIGITS + 1));
        return number < LAST_NUMBER ? key(prefix, micros, number + 1) : key(prefix, micros + 1, 0);
    }

    private Deque<String> read(String prefix) {
        Deque<String> ring = new ArrayDeque<>();
        LedgerStores.each(store, prefix, (key, audit) -> ring.add(key));
        return ring;
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
