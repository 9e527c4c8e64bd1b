package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StreamProgressTest {
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    private static final TopicPartition INPUT = new TopicPartition("input", 0);
    private static final TopicPartition BETWEEN = new TopicPartition("between", 0);

    private boolean tailIsEmpty;
    private final AtomicInteger tailChecks = new AtomicInteger();
    private final StreamProgress progress = new StreamProgress((partition, from, to) -> {
        tailChecks.incrementAndGet();
        return tailIsEmpty;
    });
    private int rounds;

    @Test
    void nothingIsKnownBeforeTheFirstMarkIsPassed() {
        round(0, 10, 0, 0);
        round(5, 10, 0, 0);

        assertThat(progress.sessionsAsOf()).isEmpty();
        assertThat(progress.usageAsOf()).isEmpty();
    }

    @Test
    void allocationsAreKnownUpToTheMarkThatWasPassed() {
        round(0, 10, 0, 0);
        round(10, 25, 0, 0);

        assertThat(progress.sessionsAsOf()).contains(START);
    }

    @Test
    void usageWaitsUntilTheTopicsBetweenTheStepsArePassedToo() {
        round(10, 10, 0, 0);
        round(10, 10, 0, 3); // passes the first mark; what belongs to it ends at 3 between the steps
        round(10, 10, 2, 8);
        assertThat(progress.usageAsOf()).isEmpty();

        round(10, 10, 7, 8);
        assertThat(progress.usageAsOf()).contains(START);
        round(10, 10, 8, 8);
        assertThat(progress.usageAsOf()).as("both marks that were waiting are passed")
                .contains(START.plusMillis(1_000));
    }

    @Test
    void marksOfTransactionsBehindTheLastRecordHoldNothingBack() {
        tailIsEmpty = true;
        for (int i = 0; i < 10; i++) {
            round(10, 10, 6, 8);
        }

        assertThat(progress.usageAsOf()).isPresent();
        assertThat(tailChecks).as("looked once, not in every round").hasValue(1);
    }

    @Test
    void recordsThatNobodyReadsHoldUsageBack() {
        for (int i = 0; i < 10; i++) {
            round(10, 10, 6, 8);
        }

        assertThat(progress.usageAsOf()).isEmpty();
        assertThat(progress.sessionsAsOf()).isPresent();
    }

    private void round(long inputCommitted, long inputEnd, long betweenCommitted, long betweenEnd) {
        progress.round(START.plusMillis(500L * rounds++), Map.of(INPUT, inputCommitted, BETWEEN, betweenCommitted),
                Map.of(INPUT, inputEnd), Map.of(BETWEEN, betweenEnd));
    }
}
