package io.turnpike.telemetry.ops;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * Works out up to when the stores are whole, from rounds of offsets. A mark is taken of the ends of the input topics;
 * when what was committed has passed them, allocations are known up to the time of the mark. What the tracker made of
 * them was sent on in the same transactions, so that the ends of the topics between the steps are taken then; when those
 * are passed too, usage is known up to that time. Written by one thread, read by any.
 */
final class StreamProgress {
    private static final int MOST_MARKS = 600;

    private final TailCheck tails;
    private final Deque<Mark> sessionMarks = new ArrayDeque<>();
    private final Deque<Mark> usageMarks = new ArrayDeque<>();
    private final Map<TopicPartition, Long> lastCommitted = new HashMap<>();
    private final Map<TopicPartition, Long> emptyUpTo = new HashMap<>();
    private volatile Instant sessionsAsOf;
    private volatile Instant usageAsOf;

    /** Whether a stretch of a partition holds no record, only marks of transactions. */
    @FunctionalInterface
    interface TailCheck {
        boolean holdsNoRecord(TopicPartition partition, long from, long to);
    }

    /** The ends of partitions, and up to when events are counted in once they are passed. */
    private record Mark(Instant at, Map<TopicPartition, Long> ends) {}

    StreamProgress(TailCheck tails) {
        this.tails = tails;
    }

    Optional<Instant> sessionsAsOf() {
        return Optional.ofNullable(sessionsAsOf);
    }

    Optional<Instant> usageAsOf() {
        return Optional.ofNullable(usageAsOf);
    }

    /**
     * Takes in a round.
     *
     * @param now before the offsets were asked for
     * @param committed asked for first: next offset to be read of each partition
     * @param inputEnds ends of the input topics
     * @param betweenEnds ends of the topics between the steps
     */
    void round(Instant now, Map<TopicPartition, Long> committed, Map<TopicPartition, Long> inputEnds,
            Map<TopicPartition, Long> betweenEnds) {
        committed.forEach((partition, offset) -> {
            if (!offset.equals(lastCommitted.get(partition))) {
                emptyUpTo.remove(partition);
            }
        });
        passed(usageMarks, committed).ifPresent(at -> usageAsOf = at);
        passed(sessionMarks, committed).ifPresent(at -> {
            sessionsAsOf = at;
            add(usageMarks, new Mark(at, betweenEnds));
        });
        add(sessionMarks, new Mark(now, inputEnds));
        lastCommitted.putAll(committed);
    }

    private static void add(Deque<Mark> marks, Mark mark) {
        marks.addLast(mark);
        if (marks.size() > MOST_MARKS) {
            marks.removeFirst();
        }
    }

    /** Takes off the marks that were passed; the time of the newest. */
    private Optional<Instant> passed(Deque<Mark> marks, Map<TopicPartition, Long> committed) {
        Instant newest = null;
        while (!marks.isEmpty() && marks.peekFirst().ends().entrySet().stream().allMatch(
                end -> isPassed(end.getKey(), committed.getOrDefault(end.getKey(), 0L), end.getValue()))) {
            newest = marks.removeFirst().at();
        }
        return Optional.ofNullable(newest);
    }

    private boolean isPassed(TopicPartition partition, long committed, long end) {
        if (committed >= end || emptyUpTo.getOrDefault(partition, 0L) >= end) {
            return true;
        }
        boolean standsStill = Long.valueOf(committed).equals(lastCommitted.get(partition));
        if (standsStill && tails.holdsNoRecord(partition, committed, end)) {
            emptyUpTo.put(partition, end);
            return true;
        }
        return false;
    }
}
