package io.turnpike.node.allocation;

import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * Makes the CONNECTION-IDs of one event loop (RFC 6062 section 6.2.1): 32 bits, drawn at random from those that leave the
 * loop's number when divided by the number of loops. So a ConnectionBind that comes in on any loop knows where to ask,
 * and an id tells nothing about another one. Confined to its loop.
 */
public final class ConnectionIds {
    private final int loop;
    private final int loops;
    private final RandomGenerator random;

    /**
     * Makes ids of one loop.
     *
     * @param loop the loop's number
     * @param loops number of loops of the node
     * @param random unpredictable
     */
    public ConnectionIds(int loop, int loops, RandomGenerator random) {
        this.loop = loop;
        this.loops = loops;
        this.random = random;
    }

    /** An id that is not taken. */
    int next(IntPredicate taken) {
        long ofThisLoop = ((1L << Integer.SIZE) - loop + loops - 1) / loops;
        int id;
        do {
            id = (int) (random.nextLong(ofThisLoop) * loops + loop);
        } while (taken.test(id));
        return id;
    }

    /** The loop that made an id. */
    public static int loopOf(int id, int loops) {
        return Integer.remainderUnsigned(id, loops);
    }
}
