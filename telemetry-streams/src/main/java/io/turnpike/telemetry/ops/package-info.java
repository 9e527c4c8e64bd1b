/** What operators see and what runs at start: metrics, health, topics. */
package io.turnpike.telemetry.ops;
