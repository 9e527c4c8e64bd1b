/**
 * What an operator sees of a running relay: metrics by one catalogue, health by named checks, both over HTTP. Depends on
 * nothing else of the relay but its configuration.
 */
package io.turnpike.node.ops;
