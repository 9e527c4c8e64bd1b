/**
 * Leased shares: what each process may use of a tenant's rate and of its concurrent allocations, and of the allocations of
 * one user (docs/quota-protocol.md, "Shares"). Apart from volume, because a share comes back by time and credit does not.
 */
package io.turnpike.telemetry.ledger.share;
