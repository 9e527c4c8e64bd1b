package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.turn.OneLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Messages between event loops. */
class LoopSiblingsTest {
    private final AllocationTable first = new OneLoop().allocations;
    private final AllocationTable second = new OneLoop().allocations;
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private final LoopSiblings loops = new LoopSiblings(2);
    private final Siblings ofFirst = loops.of(0);
    private final List<AllocationTable> seen = new ArrayList<>();

    @Test
    void reachesTheOwnTableAtOnce() {
        join();

        assertThat(ofFirst.on(0, seen::add)).isTrue();

        assertThat(seen).containsExactly(first);
        assertThat(ofFirst.own()).isZero();
        assertThat(ofFirst.count()).isEqualTo(2);
    }

    @Test
    void reachesAnotherTableByMessage() {
        join();

        assertThat(ofFirst.on(1, seen::add)).isTrue();

        assertThat(seen).isEmpty();
        queue.remove().run();
        assertThat(seen).containsExactly(second);
    }

    @Test
    void refusesWhatABusyLoopCannotTakeAndTakesItAgainLater() {
        join();
        for (int i = 0; i < LoopSiblings.MOST_WAITING; i++) {
            assertThat(ofFirst.on(1, seen::add)).isTrue();
        }

        assertThat(ofFirst.on(1, seen::add)).isFalse();
        assertThat(queue).hasSize(LoopSiblings.MOST_WAITING);
        queue.remove().run();
        assertThat(ofFirst.on(1, seen::add)).isTrue();
    }

    @Test
    void neverRefusesTheOutcomeOfWhatWasAsked() {
        join();
        for (int i = 0; i < LoopSiblings.MOST_WAITING; i++) {
            ofFirst.on(1, seen::add);
        }

        assertThat(ofFirst.tell(1, seen::add)).isTrue();
        assertThat(ofFirst.tell(0, seen::add)).isTrue();
        assertThat(seen).containsExactly(first);
        assertThat(queue).hasSize(LoopSiblings.MOST_WAITING + 1);
    }

    @Test
    void refusesWhatAStoppedLoopCannotTake() {
        loops.join(1, task -> {
            throw new RejectedExecutionException();
        }, second);

        for (int i = 0; i <= LoopSiblings.MOST_WAITING; i++) {
            assertThat(ofFirst.on(1, seen::add)).isFalse();
        }
        assertThat(ofFirst.tell(1, seen::add)).isFalse();
        loops.join(1, queue::add, second);
        assertThat(ofFirst.on(1, seen::add)).isTrue();
    }

    private void join() {
        loops.join(0, Runnable::run, first);
        loops.join(1, queue::add, second);
    }
}
