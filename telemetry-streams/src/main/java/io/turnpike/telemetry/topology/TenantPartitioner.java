package io.turnpike.telemetry.topology;

import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Puts a record whose key holds more than the tenant into the tenant's partition: murmur2 of the UTF-8 tenant id, as
 * Kafka's own partitioner does with the tenant id as key.
 */
final class TenantPartitioner implements StreamPartitioner<String, SpecificRecord> {
    @Override
    public Optional<Set<Integer>> partitions(String topic, String key, SpecificRecord value, int partitions) {
        return Optional.of(Set.of(partition(tenantOf(key, value), partitions)));
    }

    static int partition(String tenantId, int partitions) {
        return Utils.toPositive(Utils.murmur2(tenantId.getBytes(StandardCharsets.UTF_8))) % partitions;
    }

    private static String tenantOf(String key, SpecificRecord value) {
        if (value == null || value instanceof Webhook) {
            return key.substring(0, key.indexOf('|'));
        }
        if (value instanceof QuotaGrant grant) {
            return grant.getTenantId();
        }
        if (value instanceof Revocation revocation) {
            return revocation.getTenantId();
        }
        throw new IllegalArgumentException("no tenant in a " + value.getSchema().getName());
    }
}
