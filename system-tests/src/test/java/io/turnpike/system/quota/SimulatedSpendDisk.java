package io.turnpike.system.quota;

import io.turnpike.node.quota.SpendLog;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The data directory of one node, with its spend log, over the processes that use it one after the other. A process that
 * dies while it writes leaves the old page or the new one; a disk that takes nothing loses the page or keeps it.
 */
final class SimulatedSpendDisk {
    private static final long SLOWEST_NANOS = 20_000_000L;

    private final Simulation world;
    private SpendLog.Page page = SpendLog.Page.EMPTY;
    /** Whether the page is of the last process; otherwise nobody knows what that one did. */
    private boolean known = true;
    private boolean failing;
    private SimulatedNode user;

    SimulatedSpendDisk(Simulation world) {
        this.world = world;
    }

    boolean isFree() {
        return user == null || !user.isAlive();
    }

    /** The log of a process that takes the directory now. */
    SpendLog openFor(SimulatedNode node) {
        user = node;
        Optional<SpendLog.Page> inherited = known ? Optional.of(page) : Optional.empty();
        return new SpendLog() {
            @Override
            public Optional<Page> inherited() {
                return inherited;
            }

            @Override
            public void write(Page next, Consumer<Outcome> done) {
                world.agenda.in(world.upTo(SLOWEST_NANOS), () -> {
                    if (node.isAlive() || user == node && world.random.nextBoolean()) {
                        Outcome outcome = keep(next);
                        node.in(world.upTo(SLOWEST_NANOS), "spend log " + outcome, () -> done.accept(outcome));
                    }
                });
            }
        };
    }

    private SpendLog.Outcome keep(SpendLog.Page next) {
        if (!failing) {
            page = next;
            known = true;
            return SpendLog.Outcome.WRITTEN;
        }
        if (world.random.nextBoolean()) {
            return SpendLog.Outcome.FAILED;
        }
        known = false;
        return SpendLog.Outcome.NOTHING_KEPT;
    }

    /** The disk is full for a while, or read-only. */
    void failFor(long nanos) {
        failing = true;
        world.agenda.in(nanos, () -> failing = false);
    }

    /** What is on it cannot be read any more, or is a copy. */
    void damage() {
        known = false;
    }

    void heal() {
        failing = false;
    }
}
