package io.turnpike.contract;

import java.util.List;

/** Shares of a quota's volume at which its tenant is warned, read the same wherever they are written. */
public final class WarnPercents {
    /** What a policy has that names none. */
    public static final List<Integer> DEFAULT = List.of(80);
    /** Most of them. */
    public static final int MOST = 16;
    /** What they must be, for messages. */
    public static final String RULE = "must be at most " + MOST + " whole numbers from 1 to 100, each above the last";

    private WarnPercents() {}

    /** Whether they follow the rule; none at all does. */
    public static boolean follow(List<Integer> percents) {
        int last = 0;
        for (int percent : percents) {
            if (percent <= last || percent > 100) {
                return false;
            }
            last = percent;
        }
        return percents.size() <= MOST;
    }
}
