/**
 * The state of the relay: allocations with their permissions, channels, relayed transport addresses and deadlines
 * (RFC 8656 sections 3 and 5). All of it but the port table is confined to the event loop that made it.
 */
package io.turnpike.node.allocation;
