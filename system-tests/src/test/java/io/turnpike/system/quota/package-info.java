/**
 * A deterministic simulator of the quota protocol: the ledger's task and the relays' quota tables themselves, on a virtual
 * clock, between them a layer that delays, loses, doubles and reorders. What it holds is {@link Invariant}.
 */
package io.turnpike.system.quota;
