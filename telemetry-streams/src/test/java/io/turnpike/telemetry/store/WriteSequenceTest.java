package io.turnpike.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class WriteSequenceTest {
    private static final int WHOLE = 10;

    /** Two rows that always hold {@link #WHOLE} together, and a writer that moves a part from one to the other, step by step. */
    private static final class World {
        private final Deque<Integer> schedule;
        private final Deque<Runnable> writer = new ArrayDeque<>();
        private final WriteSequence sequence = new WriteSequence(this::rest);
        private int from = WHOLE;
        private int to;

        /** @param schedule how many steps the writer makes before each step of the reader */
        World(List<Integer> schedule) {
            this.schedule = new ArrayDeque<>(schedule);
            for (int write = 0; write < 2; write++) {
                writer.add(sequence::begin);
                writer.add(() -> from -= 3);
                writer.add(() -> to += 3);
                writer.add(sequence::end);
            }
        }

        int read() {
            turn(schedule.isEmpty() ? 0 : schedule.remove());
            int first = from;
            turn(schedule.isEmpty() ? 0 : schedule.remove());
            return first + to;
        }

        private void rest() {
            turn(1);
        }

        void turn(int steps) {
            for (int step = 0; step < steps && !writer.isEmpty(); step++) {
                writer.remove().run();
            }
        }
    }

    /** What is read under every way in which the steps of the writer can fall between those of the reader. */
    private static List<Integer> underEverySchedule(BiFunction<World, Integer, Integer> reading) {
        List<Integer> read = new ArrayList<>();
        for (int before = 0; before <= 8; before++) {
            for (List<Integer> schedule : schedules(4)) {
                read.add(reading.apply(new World(schedule), before));
            }
        }
        return read;
    }

    private static List<List<Integer>> schedules(int length) {
        List<List<Integer>> all = List.of(List.of());
        for (int place = 0; place < length; place++) {
            List<List<Integer>> longer = new ArrayList<>();
            for (List<Integer> each : all) {
                for (int steps = 0; steps <= 5; steps++) {
                    List<Integer> next = new ArrayList<>(each);
                    next.add(steps);
                    longer.add(next);
                }
            }
            all = longer;
        }
        return all;
    }

    @Test
    void whateverTheWriterDoesMeanwhileWhatIsReadBelongsTogether() {
        assertThat(underEverySchedule((world, before) -> {
            world.turn(before);
            return world.sequence.read(world::read);
        })).hasSize(9 * 1_296).containsOnly(WHOLE);
    }

    @Test
    void withoutItWhatIsReadDoesNotAlwaysBelongTogether() {
        assertThat(underEverySchedule((world, before) -> {
            world.turn(before);
            return world.read();
        })).contains(WHOLE, WHOLE - 3, WHOLE + 3);
    }

    @Test
    void aReaderDoesNotWaitForeverForAWriterThatStandsStill() {
        AtomicInteger rests = new AtomicInteger();
        WriteSequence sequence = new WriteSequence(rests::incrementAndGet);
        sequence.begin();

        assertThat(sequence.read(() -> "as it is")).isEqualTo("as it is");
        assertThat(rests.get()).isBetween(1, 1_000);
    }

    @Test
    void aReaderDoesNotReadForeverWhileAWriterWritesAllTheTime() {
        WriteSequence sequence = new WriteSequence();
        AtomicInteger reads = new AtomicInteger();

        assertThat(sequence.read(() -> {
            sequence.write(() -> {});
            return reads.incrementAndGet();
        })).isEqualTo(reads.get()).isBetween(2, 1_000);
    }

    @Test
    void aWriteThatFailsHasEnded() {
        WriteSequence sequence = new WriteSequence();
        try {
            sequence.write(() -> {
                throw new IllegalStateException("the disk is full");
            });
        } catch (IllegalStateException expected) {
            assertThat(sequence.isWriting()).isFalse();
        }
        assertThat(sequence.read(() -> 1)).isEqualTo(1);
    }
}
