package io.turnpike.benchmarks;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;

import io.turnpike.node.quota.Allowance;
import io.turnpike.node.usage.UsageMeter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to debit one packet under a hard quota, and to count it, in nanoseconds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MeterBenchmark {
    private static final int WIRE_BYTES = 1104;
    private static final int PAYLOAD_BYTES = 1100;

    private final UsageMeter meter = new UsageMeter();
    private Allowance allowance;

    @Setup
    public void admit() {
        allowance = new OneAllocation().credit();
        if (!allowance.debit(WIRE_BYTES, CLIENT_TO_PEER)) {
            throw new IllegalStateException("the benchmark's own quota covers nothing");
        }
    }

    @Benchmark
    public boolean debit() {
        return allowance.debit(WIRE_BYTES, CLIENT_TO_PEER);
    }

    @Benchmark
    public void debitAndRefund() {
        allowance.debit(WIRE_BYTES, CLIENT_TO_PEER);
        allowance.refund(WIRE_BYTES);
    }

    @Benchmark
    public long count() {
        meter.clientToPeer(WIRE_BYTES, PAYLOAD_BYTES);
        meter.peerToClient(WIRE_BYTES, PAYLOAD_BYTES);
        return meter.packets();
    }
}
