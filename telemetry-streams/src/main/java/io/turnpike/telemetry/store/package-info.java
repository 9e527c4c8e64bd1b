/** The state of the telemetry application: each store once, the layout of its keys, and the serdes. */
package io.turnpike.telemetry.store;
