/**
 * What an operator may set: {@code reference.conf} holds every key, {@link io.turnpike.node.config.RelayConfig} mirrors
 * it and validates. Each component takes its own record, not the root. Depends on nothing else of the relay.
 */
package io.turnpike.node.config;
