package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.UsageRollup;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.CommitHook;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.NodeGone;
import io.turnpike.telemetry.store.v1.UsageDelta;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Each step of the topology with the stores that it owns. Kafka Streams makes one step and its stores per task. */
final class Steps {
    private Steps() {}

    /** The description of the topology must not change from one start to the next. */
    private static Set<StoreBuilder<?>> inOrder(Stream<? extends StoreBuilder<?>> stores) {
        return stores.collect(Collectors.toCollection(LinkedHashSet::new));
    }

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
            return inOrder(Stream.of(Stores.nodes()));
        }
    }

    /** {@link SessionTracker}. */
    record SessionTrackerSupplier(TelemetryMetrics metrics)
            implements
                ProcessorSupplier<String, SpecificRecord, String, UsageDelta> {
        @Override
        public Processor<String, SpecificRecord, String, UsageDelta> get() {
            return new SessionTracker(metrics);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return inOrder(Stream.of(CommitHook.builder(Stores.SESSION_COMMIT), Stores.sessions(),
                    Stores.sessionIndex(), Stores.sessionCounters()));
        }
    }

    /** {@link UserRollup}. */
    record UserRollupSupplier(TelemetryMetrics metrics, LongFunction<Optional<Boolean>> completeHours)
            implements
                ProcessorSupplier<String, UsageDelta, String, UsageRollup> {
        @Override
        public Processor<String, UsageDelta, String, UsageRollup> get() {
            return new UserRollup(metrics, completeHours);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return inOrder(Stream.concat(
                    Stream.of(CommitHook.builder(Stores.USER_COMMIT), Stores.usageTotals(), Stores.users(),
                            Stores.openMinutes(Stores.USAGE_OPEN), Stores.due(Stores.USAGE_DUE)),
                    Arrays.stream(Bucket.values()).map(Stores::usageBuckets)));
        }
    }

    /** {@link TenantRollup}. */
    record TenantRollupSupplier(TelemetryMetrics metrics, LongFunction<Optional<Boolean>> completeHours)
            implements
                ProcessorSupplier<String, UsageDelta, String, UsageRollup> {
        @Override
        public Processor<String, UsageDelta, String, UsageRollup> get() {
            return new TenantRollup(metrics, completeHours);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return inOrder(Stream.concat(
                    Stream.of(CommitHook.builder(Stores.TENANT_COMMIT), Stores.openMinutes(Stores.TENANT_OPEN),
                            Stores.due(Stores.TENANT_DUE)),
                    Arrays.stream(Bucket.values()).map(Stores::tenantBuckets)));
        }
    }

    /** {@link CompletenessAuditor}. */
    record AuditorSupplier(TelemetryMetrics metrics) implements ProcessorSupplier<String, SpecificRecord, Void, Void> {
        @Override
        public Processor<String, SpecificRecord, Void, Void> get() {
            return new CompletenessAuditor(metrics);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return inOrder(Stream.of(CommitHook.builder(Stores.AUDIT_COMMIT), Stores.auditedEpochs(),
                    Stores.auditedHours()));
        }
    }
}
