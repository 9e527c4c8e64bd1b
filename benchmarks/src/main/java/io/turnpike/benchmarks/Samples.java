package io.turnpike.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * One figure of one thing, measured once in each round.
 *
 * @param values in the order of the rounds, at least one
 */
public record Samples(List<Double> values) {
    private static final double HALF = 0.5;
    private static final double TAIL = 0.99;

    public Samples {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no round has measured it");
        }
    }

    /** The middle value; of an even number, the mean of the two in the middle. */
    public double median() {
        double[] sorted = sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The smallest value. */
    public double least() {
        return sorted().findFirst().orElseThrow();
    }

    /** The largest value. */
    public double most() {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Distance of the extremes as a share of the median: what to make of small differences. */
    public double spread() {
        return median() == 0 ? 0 : (most() - least()) / median();
    }

    /**
     * The smallest value that is at least as large as a share of all.
     *
     * @param share 0 to 1
     */
    public double percentile(double share) {
        double[] sorted = sorted().toArray();
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    /** Median, tail and largest value as a person reads them in a column. */
    public String describe() {
        return String.format(Locale.ROOT, "p50 %9.1f  p99 %9.1f  most %9.1f  of %,d", percentile(HALF),
                percentile(TAIL), most(), values.size());
    }

    private DoubleStream sorted() {
        return values.stream().mapToDouble(Double::doubleValue).sorted();
    }
}
