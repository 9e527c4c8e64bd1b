package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.LedgerStores;
import io.turnpike.telemetry.store.Stores;
import java.util.Optional;

/** Stores of one step of the stream: those of one partition are together on one instance, and move together. */
public enum StoreGroup {
    /** Users' buckets and the list of users; by tenant and user. */
    USERS(Stores.USERS, Optional.of(Stores.USER_COMMIT)),
    /** Buckets of tenants and of the cluster; by tenant. */
    TENANTS(Stores.tenant(Bucket.DAY), Optional.of(Stores.TENANT_COMMIT)),
    /** Allocations and their index; by allocation. */
    SESSIONS(Stores.SESSIONS, Optional.empty()),
    /** The node registry; by node. */
    NODES(Stores.NODES, Optional.empty()),
    /** Tenants and quotas; by tenant. */
    LEDGER(LedgerStores.TENANTS, Optional.empty());

    private final String store;
    private final Optional<String> hook;

    StoreGroup(String store, Optional<String> hook) {
        this.store = store;
        this.hook = hook;
    }

    /** One of its stores, by which it is found. */
    public String store() {
        return store;
    }

    /** Its commit hook, which knows when rows that belong together are written; empty if rows stand for themselves. */
    public Optional<String> hook() {
        return hook;
    }
}
