package io.turnpike.benchmarks;

import io.netty.buffer.ByteBuf;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunFrame;
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

/**
 * What it costs to relay one packet between two sockets that cost nothing, in nanoseconds: decode, permission or channel,
 * peer policy, hard quota, framing, counters.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RelayStepBenchmark {

    private final StunFrame frame = new StunFrame();
    private final AddressCursor peer = new AddressCursor();
    private final AddressCursor peerWithoutChannel = new AddressCursor();
    private OneAllocation relay;
    private ByteBuf channelPacket;
    private ByteBuf indication;
    private ByteBuf payload;

    @Setup
    public void fill() {
        relay = new OneAllocation();
        channelPacket = Packets.channelData();
        indication = Packets.sendIndication(OneAllocation.PEER_WITHOUT_CHANNEL);
        payload = Packets.payload();
        peer.set(OneAllocation.PEER);
        peerWithoutChannel.set(OneAllocation.PEER_WITHOUT_CHANNEL);
    }

    @TearDown
    public void release() {
        channelPacket.release();
        indication.release();
        payload.release();
        if (!relay.hasRelayedAll()) {
            throw new IllegalStateException("the relay has dropped what the benchmark sent");
        }
    }

    @Benchmark
    public void channelDataToPeer() {
        relay.clientToPeer().channelData(relay.allocation(), channelPacket);
    }

    @Benchmark
    public Malformed sendIndicationToPeer() {
        Malformed structure = frame.wrap(indication);
        relay.clientToPeer().sendIndication(relay.allocation(), frame, indication);
        return structure;
    }

    @Benchmark
    public void channelDataToClient() {
        relay.peerToClient().fromPeer(relay.allocation(), payload, peer);
    }

    @Benchmark
    public void dataIndicationToClient() {
        relay.peerToClient().fromPeer(relay.allocation(), payload, peerWithoutChannel);
    }
}
