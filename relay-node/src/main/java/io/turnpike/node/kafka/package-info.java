/**
 * The only door to Kafka and Avro. One publisher thread sends what happened; one control thread reads tenants, policies,
 * grants and revocations. Neither ever holds up an event loop, and a relay works without both.
 */
package io.turnpike.node.kafka;
