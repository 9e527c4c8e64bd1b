package io.turnpike.node.quota;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** One quota's lanes, one for each event loop that it uses, and how many follow its policy. Guarded by the quota. */
final class Lanes {
    private final Lane[] lanes;
    private int change;
    private int loopsToFollow;

    Lanes(int eventLoops) {
        lanes = new Lane[eventLoops];
    }

    Lane lane(int loopIndex, Executor loop, ScopedQuota quota, NodeContext context) {
        if (lanes[loopIndex] == null) {
            lanes[loopIndex] = new Lane(quota, loopIndex, loop, context.nanoClock());
        }
        return lanes[loopIndex];
    }

    /**
     * Begins a change of what loops follow.
     *
     * @param loopFollows called with the change's number, once on each loop that follows it and once here
     */
    void change(Consumer<Integer> loopFollows) {
        int number = ++change;
        loopsToFollow = 1;
        for (Lane lane : lanes) {
            if (lane != null) {
                loopsToFollow++;
                runOnLoop(lane, () -> loopFollows.accept(number));
            }
        }
        loopFollows.accept(number);
    }

    /** Notes that one more loop follows; true if it was the last one of the newest change. */
    boolean allFollow(int number) {
        return number == change && --loopsToFollow == 0;
    }

    /** Lays back what loops have drawn from an account and not spent since the last call. */
    void returnIdleSlices(Account account) {
        for (Lane lane : lanes) {
            if (lane != null && account.hasIdleSlice(lane.loopIndex())) {
                runOnLoop(lane, lane::giveBack);
            }
        }
    }

    /** Bytes that the quota covered and users' quotas refused. */
    long refusedForUsers() {
        long refused = 0;
        for (Lane lane : lanes) {
            refused += lane == null ? 0 : lane.refusedForUsers();
        }
        return refused;
    }

    private static void runOnLoop(Lane lane, Runnable task) {
        try {
            lane.loop().execute(task);
        } catch (RejectedExecutionException e) {
            task.run(); // the loop has ended: nobody else touches its slice
        }
    }
}
