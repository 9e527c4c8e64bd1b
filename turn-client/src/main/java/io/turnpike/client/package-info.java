/**
 * A TURN and STUN client: what the probe, the tests, the load generator and the demo speak to a relay with.
 *
 * <p>
 * {@link io.turnpike.client.TurnClient} is the way in; it counts exactly what it sent and received, and can say what no
 * well-behaved client would.
 */
package io.turnpike.client;
