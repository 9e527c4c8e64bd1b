/**
 * What relays, telemetry and outsiders agree on beside the Avro records: topics, the record codec, names, credentials,
 * sealed secrets and quota periods. No Kafka, no Netty: programs of either side use it.
 */
package io.turnpike.contract;
