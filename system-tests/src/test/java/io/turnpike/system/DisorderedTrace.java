package io.turnpike.system;

import io.turnpike.benchmarks.streams.UsageTrace;
import io.turnpike.events.v1.UsageSnapshot;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A trace as networks, spools and broken clocks deliver it, from a seed: one event in twenty comes twice, one in twenty
 * comes up to a thousand places late, one in a thousand only at the end, hours late, and one snapshot says that it is from
 * the year 2099. None is lost, so that the truth stays the trace's.
 */
final class DisorderedTrace {
    private static final int TWICE_OF_100 = 5;
    private static final int LATE_OF_100 = 5;
    private static final int LAST_OF_1000 = 1;
    private static final int MOST_PLACES = 1_000;

    private final UsageTrace trace;
    private final SplittableRandom random;
    private final TreeMap<Long, Deque<UsageTrace.Event>> late = new TreeMap<>();
    private final List<UsageTrace.Event> last = new ArrayList<>();
    private long taken;
    private boolean fromTheFuture;

    DisorderedTrace(UsageTrace trace, long seed) {
        this.trace = trace;
        this.random = new SplittableRandom(seed);
    }

    /** Delivers what has come once so many more events have happened. */
    void deliver(int events, Consumer<UsageTrace.Event> sink) {
        for (int i = 0; i < events; i++) {
            UsageTrace.Event event = trace.next();
            taken++;
            if (random.nextInt(100) < TWICE_OF_100) {
                deliverOnce(event, sink);
            }
            deliverOnce(event, sink);
            while (!late.isEmpty() && late.firstKey() <= taken) {
                late.pollFirstEntry().getValue().forEach(sink);
            }
        }
    }

    /** Delivers the rest. */
    void deliverRest(Consumer<UsageTrace.Event> sink) {
        late.values().forEach(events -> events.forEach(sink));
        late.clear();
        last.forEach(sink);
        last.clear();
    }

    private void deliverOnce(UsageTrace.Event event, Consumer<UsageTrace.Event> sink) {
        if (random.nextInt(1000) < LAST_OF_1000) {
            last.add(event);
        } else if (random.nextInt(100) < LATE_OF_100) {
            late.computeIfAbsent(taken + 1 + random.nextInt(MOST_PLACES), key -> new ArrayDeque<>()).add(event);
        } else if (!fromTheFuture && event.value() instanceof UsageSnapshot snapshot) {
            fromTheFuture = true;
            UsageSnapshot wrong = UsageSnapshot.newBuilder(snapshot).build();
            wrong.getHeader().setOccurredAt(Instant.parse("2099-01-01T00:00:00Z"));
            sink.accept(new UsageTrace.Event(event.topic(), event.key(), wrong));
        } else {
            sink.accept(event);
        }
    }
}
