/**
 * Enforcement on the node: spends the grants of the ledger, debit before send. Pure Java with injected clocks, so that
 * the same code runs under the quota simulator. Rules: QUOTA.md, cited by number.
 */
package io.turnpike.node.quota;
