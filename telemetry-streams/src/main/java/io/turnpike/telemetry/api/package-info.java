/**
 * The HTTP API and the dashboard's files. {@link io.turnpike.telemetry.api.Routes} lists every resource;
 * {@code openapi.yaml} describes them, and a test keeps the two equal. This package asks
 * {@code io.turnpike.telemetry.query} and knows nothing of Kafka.
 */
package io.turnpike.telemetry.api;
