package io.turnpike.benchmarks;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One figure of one thing, measured once in each round.
 *
 * @param values in the order of the rounds, at least one
 */
public record Samples(List<Double> values) {
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

    private DoubleStream sorted() {
        return values.stream().mapToDouble(Double::doubleValue).sorted();
    }
}
