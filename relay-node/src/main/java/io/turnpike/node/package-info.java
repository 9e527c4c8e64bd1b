/**
 * The relay node put together: {@link io.turnpike.node.RelayNode} in the order of construction,
 * {@link io.turnpike.node.ClientPipeline} in the order of the path.
 */
package io.turnpike.node;
