package io.turnpike.benchmarks;

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import io.netty.buffer.ByteBuf;

import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;

/** What it costs to check and to make message integrity, FINGERPRINT and a key, in nanoseconds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class IntegrityBenchmark {

    /** Which HMAC. */
    @Param
    public IntegrityAlgorithm algorithm;

    private final StunFrame frame = new StunFrame();
    private final StunMessageBuilder builder = new StunMessageBuilder();
    private final TransactionId id = new TransactionId(3, 4);
    private ByteBuf allocate;
    private ByteBuf out;

    @Setup
    public void fill() {
        out = Packets.empty();
        allocate = Packets.signedAllocate(algorithm);
        if (frame.wrap(allocate) != Malformed.NONE || !frame.verifies(Packets.KEY, algorithm)) {
            throw new IllegalStateException("the benchmark's own message does not verify");
        }
    }

    @TearDown
    public void release() {
        allocate.release();
        out.release();
    }

    @Benchmark
    public boolean verify() {
        return frame.verifies(Packets.KEY, algorithm);
    }

    @Benchmark
    public boolean fingerprint() {
        return frame.fingerprintMatches();
    }

    @Benchmark
    public ByteBuf sign() {
        builder.begin(out.clear(), StunMethod.REFRESH, StunClass.SUCCESS_RESPONSE, id).integrity(Packets.KEY,
                algorithm);
        return out;
    }

    @Benchmark
    public LongTermKey deriveKey() {
        return LongTermKey.md5("1795000000:acme:alice", "turnpike", "mMb6Vq3ZMD7qGIh6rE3b0hGpF2A=");
    }
}
