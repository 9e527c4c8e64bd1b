package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.query.Partitions;
import io.turnpike.telemetry.store.LedgerStores;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Puts a record whose key holds more than the tenant, which stands first in it, into the tenant's partition, where it is
 * asked for too. A record without a value goes there as well.
 */
final class TenantPartitioner implements StreamPartitioner<String, SpecificRecord> {
    @Override
    public Optional<Set<Integer>> partitions(String topic, String key, SpecificRecord value, int partitions) {
        return Optional.of(Set.of(Partitions.of(LedgerStores.tenantOf(key), partitions)));
    }
}
