package io.turnpike.benchmarks;

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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

import io.netty.buffer.ByteBuf;

import io.turnpike.stun.ChannelData;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunFrame;

/** What it costs to read one packet in place, in nanoseconds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecodeBenchmark {

    private final StunFrame frame = new StunFrame();
    private final ChannelData channelData = new ChannelData();
    private ByteBuf allocate;
    private ByteBuf indication;
    private ByteBuf channelPacket;

    @Setup
    public void fill() {
        allocate = Packets.signedAllocate(IntegrityAlgorithm.HMAC_SHA1);
        indication = Packets.sendIndication(OneAllocation.PEER);
        channelPacket = Packets.channelData();
    }

    @TearDown
    public void release() {
        allocate.release();
        indication.release();
        channelPacket.release();
    }

    /** The structure of a signed Allocate. */
    @Benchmark
    public Malformed allocateRequest() {
        return frame.wrap(allocate);
    }

    /** A Send indication with what the relay needs of it: peer and data. */
    @Benchmark
    public void sendIndication(Blackhole sink) {
        sink.consume(frame.wrap(indication));
        sink.consume(frame.peerIpv4());
        sink.consume(frame.peerPort());
        sink.consume(frame.dataIndex());
        sink.consume(frame.dataBytes());
    }

    /** ChannelData with what the relay needs of it: channel and data. */
    @Benchmark
    public void channelData(Blackhole sink) {
        sink.consume(channelData.wrap(channelPacket));
        sink.consume(channelData.channelNumber());
        sink.consume(channelData.dataIndex());
        sink.consume(channelData.dataBytes());
    }
}
