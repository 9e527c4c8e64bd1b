package io.turnpike.telemetry.ledger.share;

import io.turnpike.contract.QuotaShareKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All processes that may have something of one tenant. Confined to the ledger's task. */
final class TenantShares {
    private final ShareStore store;
    private final Map<QuotaShareKey, LeasedProcess> processes = new LinkedHashMap<>();

    TenantShares(ShareStore store) {
        this.store = store;
    }

    /** Takes up a share of the store, in any order. */
    void restore(Share share, long nanos) {
        LeasedProcess process = processes.computeIfAbsent(share.key().of(""),
                key -> new LeasedProcess(share.key().equals(key) ? share : new Share(key), nanos));
        if (!share.key().userId().isEmpty()) {
            process.users.put(share.key().userId(), share);
        } else if (process.share != share) {
            LeasedProcess whole = new LeasedProcess(share, nanos);
            whole.users.putAll(process.users);
            processes.put(share.key(), whole);
        }
    }

    boolean isEmpty() {
        return processes.isEmpty();
    }

    Collection<LeasedProcess> processes() {
        return processes.values();
    }

    Optional<LeasedProcess> find(QuotaShareKey key) {
        return Optional.ofNullable(processes.get(key));
    }

    void add(LeasedProcess process) {
        processes.put(process.key(), process);
    }

    /** The slots of one user on all processes that know him. */
    List<Share> sharesOf(String userId) {
        List<Share> found = new ArrayList<>();
        for (LeasedProcess process : processes.values()) {
            Share share = process.users.get(userId);
            if (share != null) {
                found.add(share);
            }
        }
        return found;
    }

    /** Forgets processes whose lease is over. */
    void expire(long nanos) {
        List.copyOf(processes.values()).stream().filter(process -> process.isOver(nanos)).forEach(this::forget);
    }

    /** The process has nothing any more. */
    void forget(LeasedProcess process) {
        processes.remove(process.key());
        store.forget(process.key());
        process.users.values().forEach(share -> store.forget(share.key()));
    }
}
