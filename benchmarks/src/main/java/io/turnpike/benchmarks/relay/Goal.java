package io.turnpike.benchmarks.relay;

import java.util.Locale;

/**
 * What Turnpike wants to reach in one measure.
 *
 * @param of whether the bound is for the ratio to the better coturn, or for the figure itself
 * @param bound the worst value that meets it
 * @param moreIsBetter whether larger values meet it too, or smaller ones
 */
record Goal(Of of, double bound, boolean moreIsBetter) {
    /** What a bound is compared with. */
    enum Of {
        /** Own figure over the best of the others'. */
        RATIO,
        /** Own figure. */
        FIGURE,
        /** Nothing is wanted. */
        NOTHING
    }

    boolean isMet(double value) {
        return moreIsBetter ? value >= bound : value <= bound;
    }

    /** Such as {@code at most 0.85}. */
    String wanted() {
        return String.format(Locale.ROOT, "%s %.2f", moreIsBetter ? "at least" : "at most", bound);
    }
}
