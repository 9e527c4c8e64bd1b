package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.store.LedgerStores;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Puts a record whose key holds more than the tenant, which stands first in it, into the tenant's partition: murmur2 of
 * the UTF-8 tenant id, as Kafka's own partitioner does with the tenant id as key. A record without a value goes there too.
 */
final class TenantPartitioner implements StreamPartitioner<String, SpecificRecord> {
    @Override
    public Optional<Set<Integer>> partitions(String topic, String key, SpecificRecord value, int partitions) {
        return Optional.of(Set.of(partition(LedgerStores.tenantOf(key), partitions)));
    }

    static int partition(String tenantId, int partitions) {
        return Utils.toPositive(Utils.murmur2(tenantId.getBytes(StandardCharsets.UTF_8))) % partitions;
    }
}
