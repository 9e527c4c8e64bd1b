package io.turnpike.benchmarks.relay;

import java.util.Arrays;
import java.util.Optional;

/** What is measured, each figure with its load. */
enum Measure {
    LONE_CPU("lone packets at 50,000/s: server CPU", "us/packet", false, 0.85), LONE_SATURATED_CPU(
            "lone packets, saturated: server CPU", "us/packet", false,
            0.85), LONE_RATE("lone packets: rate let through without loss", "packets/s", true, 1.25), BURST8_CPU(
                    "bursts of 8 at 50,000/s: server CPU", "us/packet", false,
                    0.25), BURST16_CPU("bursts of 16 at 50,000/s: server CPU", "us/packet", false,
                            0.25), BURST16_SATURATED_CPU("bursts of 16, saturated: server CPU", "us/packet", false,
                                    0.25), BURST16_RATE("bursts of 16: rate with under 0.1 % loss", "packets/s", true,
                                            4), LATENCY_P50("one way at 5,000/s: p50", "us", false, 1), LATENCY_P99(
                                                    "one way at 5,000/s: p99", "us", false,
                                                    null), LATENCY_P999("one way at 5,000/s: p99.9", "us", false,
                                                            null), INDICATION_CPU(
                                                                    "Send and Data indications at 50,000/s: server CPU",
                                                                    "us/packet", false, null), CYCLE_CPU(
                                                                            "challenge, Allocate, ChannelBind, release: server CPU",
                                                                            "us/cycle", false, 0.5), CYCLE_RATE(
                                                                                    "allocation cycles of one client after the other",
                                                                                    "cycles/s", true,
                                                                                    null), MEMORY_EACH(
                                                                                            "memory of an allocation, of 10,000, the kernel's included",
                                                                                            "bytes", false,
                                                                                            0.4), MEMORY_TOTAL(
                                                                                                    "memory with 10,000 allocations, the kernel's included",
                                                                                                    "MiB", false,
                                                                                                    0.8), CROWD_CPU(
                                                                                                            "lone packets at 50,000/s beside 10,000 allocations: server CPU",
                                                                                                            "us/packet",
                                                                                                            false,
                                                                                                            null);

    private final String title;
    private final String unit;
    private final boolean moreIsBetter;
    private final Double goal;

    Measure(String title, String unit, boolean moreIsBetter, Number goal) {
        this.title = title;
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
        this.goal = goal == null ? null : goal.doubleValue();
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    /** Whether a larger figure is the better one. */
    boolean moreIsBetter() {
        return moreIsBetter;
    }

    /** The ratio to coturn that Turnpike wants to reach: at most, or at least where more is better. */
    Optional<Double> goal() {
        return Optional.ofNullable(goal);
    }

    /** The better of several figures. */
    double best(double... figures) {
        return moreIsBetter
                ? Arrays.stream(figures).max().orElseThrow()
                : Arrays.stream(figures).min().orElseThrow();
    }

    /** Whether a ratio is as good as the goal; true if there is none. */
    boolean isMet(double ratio) {
        return goal == null || (moreIsBetter ? ratio >= goal : ratio <= goal);
    }
}
