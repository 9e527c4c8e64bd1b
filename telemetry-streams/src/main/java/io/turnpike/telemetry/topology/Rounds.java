package io.turnpike.telemetry.topology;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * What a step does by the wall clock. Kafka Streams begins the same step again after an aborted transaction and keeps the
 * rounds that it had asked for before: without an end to them each abort would leave one more of each. Confined to the
 * stream thread.
 */
final class Rounds {
    private final List<Cancellable> asked = new ArrayList<>();

    void every(Duration interval, ProcessorContext<?, ?> context, Punctuator round) {
        asked.add(context.schedule(interval, PunctuationType.WALL_CLOCK_TIME, round));
    }

    /** Ends all of them; called at the end of a step, and at its beginning, since an end may have been skipped. */
    void end() {
        asked.forEach(Cancellable::cancel);
        asked.clear();
    }
}
