package io.turnpike.telemetry.ops;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.ProcessorWrapper;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.processor.api.WrappedFixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.WrappedProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Keeps records that are in quarantine from every step (KIP-1112). Kafka Streams makes it. */
public final class StepGuard implements ProcessorWrapper {
    private Quarantine quarantine;

    @Override
    public void configure(Map<String, ?> settings) {
        quarantine = DeadLetters.from(settings).quarantine();
    }

    @Override
    public <KIn, VIn, KOut, VOut> WrappedProcessorSupplier<KIn, VIn, KOut, VOut> wrapProcessorSupplier(String name,
            ProcessorSupplier<KIn, VIn, KOut, VOut> steps) {
        return new WrappedProcessorSupplier<>() {
            @Override
            public Processor<KIn, VIn, KOut, VOut> get() {
                return new Guarded<>(steps.get(), quarantine);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return steps.stores();
            }
        };
    }

    /** Such a step changes values only, on the way from one that is guarded. */
    @Override
    public <KIn, VIn, VOut> WrappedFixedKeyProcessorSupplier<KIn, VIn, VOut> wrapFixedKeyProcessorSupplier(String name,
            FixedKeyProcessorSupplier<KIn, VIn, VOut> steps) {
        return ProcessorWrapper.asWrappedFixedKey(steps);
    }

    /** Confined to its stream thread. */
    private static final class Guarded<KIn, VIn, KOut, VOut> implements Processor<KIn, VIn, KOut, VOut> {
        private final Processor<KIn, VIn, KOut, VOut> step;
        private final Quarantine quarantine;
        private ProcessorContext<KOut, VOut> context;

        Guarded(Processor<KIn, VIn, KOut, VOut> step, Quarantine quarantine) {
            this.step = step;
            this.quarantine = quarantine;
        }

        @Override
        public void init(ProcessorContext<KOut, VOut> newContext) {
            context = newContext;
            step.init(newContext);
        }

        @Override
        public void process(Record<KIn, VIn> record) {
            if (!quarantine.isEmpty()) {
                context.recordMetadata().ifPresent(this::refuse);
            }
            step.process(record);
        }

        private void refuse(RecordMetadata place) {
            quarantine.cause(place.topic(), place.partition(), place.offset()).ifPresent(cause -> {
                throw new PoisonRecord(cause);
            });
        }

        @Override
        public void close() {
            step.close();
        }
    }
}
