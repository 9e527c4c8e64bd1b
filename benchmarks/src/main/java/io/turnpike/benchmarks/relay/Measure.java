package io.turnpike.benchmarks.relay;

import java.util.Arrays;
import java.util.Optional;

/** What is measured, each figure with its unit, which way is better, and what Turnpike wants to reach. */
enum Measure {
    /** Audio: each packet alone. */
    LONE_CPU("lone packets at 50,000/s: server CPU", "us/packet", Better.LESS, Goal.Of.RATIO, 0.85),
    /** The same with as many packets as the server lets through. */
    LONE_SATURATED_CPU("lone packets, saturated: server CPU", "us/packet", Better.LESS, Goal.Of.RATIO, 0.85),
    /** What it let through. */
    LONE_SATURATED_RATE("lone packets, saturated: rate", "packets/s", Better.MORE, Goal.Of.RATIO, 1.25),
    /** What it can be sent without a window. */
    LONE_RATE("lone packets: highest rate with under 0.1 % loss", "packets/s", Better.MORE, Goal.Of.RATIO, 1.25),
    /** Video: the packets of a small frame together. */
    BURST8_CPU("bursts of 8 at 50,000/s: server CPU", "us/packet", Better.LESS, Goal.Of.RATIO, 0.25),
    /** Those of a larger frame. */
    BURST16_CPU("bursts of 16 at 50,000/s: server CPU", "us/packet", Better.LESS, Goal.Of.RATIO, 0.25),
    /** The same with as many bursts as the server lets through. */
    BURST16_SATURATED_CPU("bursts of 16, saturated: server CPU", "us/packet", Better.LESS, Goal.Of.RATIO, 0.25),
    /** What it let through. */
    BURST16_SATURATED_RATE("bursts of 16, saturated: rate", "packets/s", Better.MORE, Goal.Of.RATIO, 4),
    /** What it can be sent without a window. */
    BURST16_RATE("bursts of 16: highest rate with under 0.1 % loss", "packets/s", Better.MORE, Goal.Of.RATIO, 4),
    /** From one socket of the generator to another, on a server that has time. */
    LATENCY_P50("one way at 5,000/s: p50", "us", Better.LESS, Goal.Of.RATIO, 1),
    /** One in a hundred takes longer. */
    LATENCY_P99("one way at 5,000/s: p99", "us", Better.LESS),
    /** One in a thousand takes longer. */
    LATENCY_P999("one way at 5,000/s: p99.9", "us", Better.LESS),
    /** Instead of ChannelData. */
    INDICATION_CPU("Send and Data indications at 50,000/s: server CPU", "us/packet", Better.LESS),
    /** What a client costs before it sends anything. */
    CYCLE_CPU("challenge, Allocate, ChannelBind, release: server CPU", "us/cycle", Better.LESS, Goal.Of.RATIO, 0.5),
    /** The same as a rate. */
    CYCLE_RATE("allocation cycles of one client after the other", "cycles/s", Better.MORE),
    /** The server's and the kernel's memory. */
    MEMORY_EACH("memory of an allocation, the kernel's included", "bytes", Better.LESS, Goal.Of.RATIO, 0.4),
    /** All that the server has. */
    MEMORY_TOTAL("memory with all of them, the kernel's included", "MiB", Better.LESS, Goal.Of.RATIO, 0.8),
    /** LONE_CPU beside allocations that carry nothing. */
    CROWD_CPU("lone packets at 50,000/s beside them: server CPU", "us/packet", Better.LESS, Goal.Of.RATIO, 0.85),
    /** The same over LONE_CPU of the same minute. */
    CROWD_GROWTH("CPU of a packet beside them over CPU without", "times", Better.LESS, Goal.Of.FIGURE, 1.15),
    /** Video over TCP, as fast as it goes. */
    TCP_BURST16_RATE("TCP, bursts of 16: payload", "MB/s", Better.MORE),
    /** Its cost by volume. */
    TCP_BURST16_CPU_MB("TCP, bursts of 16: server CPU", "us/MB", Better.LESS),
    /** Its cost by packet. */
    TCP_BURST16_CPU("TCP, bursts of 16: server CPU", "us/packet", Better.LESS),
    /** Audio over TCP. */
    TCP_LONE_RATE("TCP, lone packets: rate", "packets/s", Better.MORE),
    /** Its cost by packet. */
    TCP_LONE_CPU("TCP, lone packets: server CPU", "us/packet", Better.LESS),
    /** Video over TLS, as fast as it goes. */
    TLS_BURST16_RATE("TLS, bursts of 16: payload", "MB/s", Better.MORE, Goal.Of.RATIO, 1),
    /** Its cost by volume. */
    TLS_BURST16_CPU_MB("TLS, bursts of 16: server CPU", "us/MB", Better.LESS),
    /** Its cost by packet. */
    TLS_BURST16_CPU("TLS, bursts of 16: server CPU", "us/packet", Better.LESS),
    /** Audio over TLS. */
    TLS_LONE_RATE("TLS, lone packets: rate", "packets/s", Better.MORE, Goal.Of.RATIO, 1),
    /** Its cost by packet. */
    TLS_LONE_CPU("TLS, lone packets: server CPU", "us/packet", Better.LESS),
    /** Of Java's collector, while packets flow. */
    PAUSE_LONGEST("lone packets at 50,000/s: longest pause of the collector", "ms", Better.LESS, Goal.Of.FIGURE, 1),
    /** Stops of all threads by it. */
    PAUSE_COUNT("lone packets at 50,000/s: pauses of the collector", "pauses", Better.LESS),
    /** By the threads that relay; what stands behind the point is what they do beside relaying. */
    ALLOCATED("lone packets at 50,000/s: allocated by event loops", "bytes/packet", Better.LESS, Goal.Of.FIGURE, 0.5);

    private final String title;
    private final String unit;
    private final Goal goal;

    Measure(String title, String unit, Better better) {
        this(title, unit, better, Goal.Of.NOTHING, 0);
    }

    Measure(String title, String unit, Better better, Goal.Of of, double bound) {
        this.title = title;
        this.unit = unit;
        goal = new Goal(of, bound, better == Better.MORE);
    }

    private enum Better {
        LESS, MORE
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    /** What Turnpike wants to reach, if anything. */
    Optional<Goal> goal() {
        return goal.of() == Goal.Of.NOTHING ? Optional.empty() : Optional.of(goal);
    }

    /** The better of several figures. */
    double best(double... figures) {
        return goal.moreIsBetter()
                ? Arrays.stream(figures).max().orElseThrow()
                : Arrays.stream(figures).min().orElseThrow();
    }
}
