package io.turnpike.system.quota;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/** An event loop of a simulated process: tasks in the order of their arrival, each at a seeded time of its own. */
final class EventLoop implements Executor {
    private static final long LONGEST_WAIT_NANOS = 2_000_000;

    private final SimulatedNode node;
    final int index;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private long stalledUntilNanos;

    EventLoop(SimulatedNode node, int index) {
        this.node = node;
        this.index = index;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        long stall = stalledUntilNanos - node.world.agenda.nowNanos();
        node.in(Math.max(0, stall) + node.world.upTo(LONGEST_WAIT_NANOS), "loop " + index, () -> tasks.remove().run());
    }

    void stallFor(long nanos) {
        stalledUntilNanos = node.world.agenda.nowNanos() + nanos;
    }
}
