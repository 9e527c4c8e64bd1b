package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** What a loop sends in one turn, over a kernel that does as a test wants; nothing of it is kept after the test. */
abstract class DatagramsBench {
    static final InetSocketAddress PEER = new InetSocketAddress("192.0.2.1", 4321);
    static final InetSocketAddress OTHER_PORT = new InetSocketAddress("192.0.2.1", 4322);
    static final InetSocketAddress OTHER_HOST = new InetSocketAddress("192.0.2.2", 4321);
    /** Datagrams that a turn holds. */
    static final int MOST_ENTRIES = 1024;
    /** Bytes that may wait in a lane. */
    static final int QUEUE_BYTES = 20_000;

    final FakeKernel kernel = new FakeKernel();
    final Datagrams datagrams = new Datagrams(kernel);
    /** Lanes that were told that the kernel is full. */
    final List<Lane> full = new ArrayList<>();
    final Lane lane = lane(7, false);
    final Fates fates = new Fates();
    /** What was given to send; released once it has left. */
    final List<ByteBuf> payloads = new ArrayList<>();

    Lane lane(int fd, boolean ipv6) {
        Lane[] made = new Lane[1];
        made[0] = new Lane(fd, ipv6, QUEUE_BYTES, () -> full.add(made[0]));
        return made[0];
    }

    void send(Lane to, InetSocketAddress peer, int size) {
        send(to, peer, InboxTest.bytes(size, size), fates);
    }

    void send(Lane to, InetSocketAddress peer, byte[] payload, Delivery delivery) {
        ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, payload.length)).writeBytes(payload);
        send(to, Unpooled.EMPTY_BUFFER, buffer, 0, payload.length, 0, peer, delivery);
        buffer.release();
        payloads.add(buffer);
    }

    void send(Lane to, ByteBuf head, ByteBuf payload, int index, int bytes, int padding,
            InetSocketAddress peer, Delivery delivery) {
        datagrams.send(to, head, payload, index, bytes, padding, TransportAddress.of(peer), bytes + 4, bytes, delivery,
                DropReason.PEER_SEND_FAILED, false);
    }

    /** To the peer, one of each size. */
    void send(int... sizes) {
        for (int size : sizes) {
            send(lane, PEER, size);
        }
    }

    /** The sizes of the datagrams of each message. */
    List<List<Integer>> messages() {
        return kernel.sent().stream()
                .map(message -> message.datagrams().stream().map(datagram -> datagram.length).toList()).toList();
    }

    static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @AfterEach
    void nothingIsKept() {
        datagrams.close(lane);
        datagrams.flush();
        assertThat(payloads).allSatisfy(payload -> assertThat(payload.refCnt()).isZero());
    }
}
