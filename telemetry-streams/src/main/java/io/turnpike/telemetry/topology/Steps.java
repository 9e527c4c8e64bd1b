package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.NodeStatus;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.NodeGone;
import io.turnpike.telemetry.store.v1.TenantDelta;
import io.turnpike.telemetry.store.v1.UsageDelta;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Each step of the topology with the stores that it owns. Kafka Streams makes one step and its stores per task. */
final class Steps {
    private Steps() {}

    /** {@link NodeRegistry}. */
    record NodeRegistrySupplier(LongSupplier kafkaAnswersSinceMillis)
            implements
                ProcessorSupplier<String, NodeStatus, String, NodeGone> {
        @Override
        public Processor<String, NodeStatus, String, NodeGone> get() {
            return new NodeRegistry(kafkaAnswersSinceMillis);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(Stores.nodes());
        }
    }

    /** {@link SessionTracker}. */
    record SessionTrackerSupplier(TelemetryMetrics metrics)
            implements
                ProcessorSupplier<String, SpecificRecord, String, SpecificRecord> {
        @Override
        public Processor<String, SpecificRecord, String, SpecificRecord> get() {
            return new SessionTracker(metrics);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(Stores.sessions(), Stores.sessionIndex(), Stores.tenantPending());
        }
    }

    /** {@link UserRollup}. */
    record UserRollupSupplier(TelemetryMetrics metrics) implements ProcessorSupplier<String, UsageDelta, Void, Void> {
        @Override
        public Processor<String, UsageDelta, Void, Void> get() {
            return new UserRollup(metrics);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            Set<StoreBuilder<?>> stores = new HashSet<>();
            stores.add(Stores.users());
            Arrays.stream(Bucket.values()).map(Stores::usageBuckets).forEach(stores::add);
            return stores;
        }
    }

    /** {@link TenantRollup}. */
    record TenantRollupSupplier(TelemetryMetrics metrics)
            implements
                ProcessorSupplier<String, TenantDelta, Void, Void> {
        @Override
        public Processor<String, TenantDelta, Void, Void> get() {
            return new TenantRollup(metrics);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            Set<StoreBuilder<?>> stores = new HashSet<>();
            Arrays.stream(Bucket.values()).map(Stores::tenantBuckets).forEach(stores::add);
            return stores;
        }
    }
}
