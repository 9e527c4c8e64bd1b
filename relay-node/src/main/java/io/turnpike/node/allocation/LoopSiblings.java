package io.turnpike.node.allocation;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/** The allocation tables of a node's event loops, reachable from each other by bounded messages. Thread-safe. */
public final class LoopSiblings {
    /** Messages that may wait from one loop to another. */
    static final int MOST_WAITING = 4096;

    private final AtomicReferenceArray<Member> members;

    private record Member(Executor loop, AllocationTable allocations) {}

    /**
     * Makes room for the loops.
     *
     * @param count number of loops
     */
    public LoopSiblings(int count) {
        members = new AtomicReferenceArray<>(count);
    }

    /** A loop's table is ready; to be called for every loop before a client is served. */
    public void join(int index, Executor loop, AllocationTable allocations) {
        members.set(index, new Member(loop, allocations));
    }

    /** How one loop reaches the others. */
    public Siblings of(int own) {
        return new View(own);
    }

    private final class View implements Siblings {
        private final int own;
        private final AtomicInteger[] waiting = new AtomicInteger[members.length()];

        View(int own) {
            this.own = own;
            for (int i = 0; i < waiting.length; i++) {
                waiting[i] = new AtomicInteger();
            }
        }

        @Override
        public int own() {
            return own;
        }

        @Override
        public int count() {
            return members.length();
        }

        @Override
        public boolean on(int loopIndex, Consumer<AllocationTable> action) {
            Member member = members.get(loopIndex);
            if (loopIndex == own) {
                action.accept(member.allocations);
                return true;
            }
            AtomicInteger ahead = waiting[loopIndex];
            if (ahead.incrementAndGet() > MOST_WAITING) {
                ahead.decrementAndGet();
                return false;
            }
            boolean accepted = execute(member, () -> {
                ahead.decrementAndGet();
                action.accept(member.allocations);
            });
            if (!accepted) {
                ahead.decrementAndGet();
            }
            return accepted;
        }

        @Override
        public boolean tell(int loopIndex, Consumer<AllocationTable> action) {
            Member member = members.get(loopIndex);
            if (loopIndex == own) {
                action.accept(member.allocations);
                return true;
            }
            return execute(member, () -> action.accept(member.allocations));
        }

        private static boolean execute(Member member, Runnable task) {
            try {
                member.loop.execute(task);
                return true;
            } catch (RejectedExecutionException e) {
                return false;
            }
        }
    }
}
