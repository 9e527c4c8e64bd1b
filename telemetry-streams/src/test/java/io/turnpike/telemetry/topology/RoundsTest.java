package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.LedgerStores;
import io.turnpike.telemetry.store.TotalsMemory;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundsTest {
    private final TelemetryMetrics metrics = new TelemetryMetrics(new SimpleMeterRegistry());

    @TempDir
    Path folder;

    @Test
    void aStepThatIsBegunAgainAfterAnAbortDoesNothingTwice() {
        for (ProcessorSupplier<?, ?, ?, ?> step : List.of(new Steps.NodeRegistrySupplier(() -> 0),
                new Steps.SessionTrackerSupplier(metrics),
                new Steps.UserRollupSupplier(metrics, hour -> Optional.of(false)),
                new Steps.TenantRollupSupplier(metrics, hour -> Optional.of(false)),
                new Steps.AuditorSupplier(metrics))) {
            beginTwice(step.get(), step.stores());
        }
        beginTwice(
                new LedgerProcessor(LedgerDriver.OFF, partition -> ControlHistory.Decided.NOTHING, System::nanoTime,
                        new EarlyCommit(System::nanoTime)),
                LedgerStores.builders());
    }

    private <A, B, C, D> void beginTwice(Processor<A, B, C, D> step, Collection<StoreBuilder<?>> stores) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "rounds-test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        settings.put(TotalsMemory.SETTING, new TotalsMemory(1 << 20));
        MockProcessorContext<C, D> context = new MockProcessorContext<>(settings, new TaskId(0, 0),
                folder.resolve(step.getClass().getSimpleName()).toFile());
        context.setCurrentSystemTimeMs(1);
        List<StateStore> opened = stores.stream().<StateStore>map(builder -> builder.withLoggingDisabled().build())
                .toList();
        opened.forEach(store -> store.init(context.getStateStoreContext(), store));

        step.init(context);
        int once = context.scheduledPunctuators().size();
        step.init(context);

        assertThat(once).as(step.getClass().getSimpleName()).isPositive();
        assertThat(context.scheduledPunctuators()).filteredOn(round -> !round.cancelled()).hasSize(once);
        step.close();
        assertThat(context.scheduledPunctuators()).allMatch(CapturedPunctuator::cancelled);
        opened.forEach(StateStore::close);
    }
}
