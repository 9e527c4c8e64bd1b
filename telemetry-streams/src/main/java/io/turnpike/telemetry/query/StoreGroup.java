package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.LedgerStores;
import io.turnpike.telemetry.store.Stores;

/** Stores of one step of the stream: those of one partition are together on one instance, and move together. */
public enum StoreGroup {
    /** Users' buckets and the list of users; by tenant and user. */
    USERS(Stores.USERS),
    /** Buckets of tenants and of the cluster; by tenant. */
    TENANTS(Stores.tenant(Bucket.DAY)),
    /** Allocations and their index; by allocation. */
    SESSIONS(Stores.SESSIONS),
    /** The node registry; by node. */
    NODES(Stores.NODES),
    /** Tenants and quotas; by tenant. */
    LEDGER(LedgerStores.TENANTS);

    private final String store;

    StoreGroup(String store) {
        this.store = store;
    }

    /** One of its stores, by which it is found. */
    public String store() {
        return store;
    }
}
