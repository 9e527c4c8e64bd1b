/**
 * Everything in one process: a Kafka broker, the relays and the telemetry application, all of them the real ones. It is
 * what {@code ./turnpike up} runs, and what the system tests start and stop in parts.
 */
package io.turnpike.quickstart;
