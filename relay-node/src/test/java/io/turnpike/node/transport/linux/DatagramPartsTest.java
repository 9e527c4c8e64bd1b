package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a datagram is put together from, and whose memory that is until it has left. */
@EnabledOnOs(OS.LINUX)
class DatagramPartsTest extends DatagramsBench {
    @Test
    void namesIpv6AddressesAndTheInterfaceOfLinkLocalOnesOnly() {
        Lane ipv6 = lane(9, true);
        InetSocketAddress linkLocal = new InetSocketAddress("fe80::9", 7);
        InetSocketAddress global = new InetSocketAddress("2001:db8::1:2", 40_000);
        kernel.arrive(FakeKernel.name(linkLocal, 3), new byte[1], new byte[0]);
        datagrams.receive(ipv6, 1, (datagram, source) -> datagrams.remember(ipv6));
        send(ipv6, linkLocal, 10);
        send(ipv6, global, 10);
        send(ipv6, PEER, 10);
        datagrams.flush();

        assertThat(kernel.sent()).extracting(FakeKernel.Message::to).containsExactly(linkLocal, global, PEER);
        assertThat(kernel.sent()).extracting(FakeKernel.Message::scope).containsExactly(3, 0, 0);
    }

    @ParameterizedTest
    @CsvSource({"0, 10, 0", "4, 10, 2", "4, 0, 0", "36, 9, 3", "48, 1, 3", "64, 7, 1", "1, 1, 4", "0, 0, 3"})
    void putsADatagramTogetherFromItsParts(int headBytes, int bytes, int padding) {
        byte[] head = InboxTest.bytes(headBytes, 1);
        byte[] payload = InboxTest.bytes(bytes, 2);
        byte[] whole = Arrays.copyOf(head, headBytes + bytes + padding);
        System.arraycopy(payload, 0, whole, headBytes, bytes);
        List<ByteBuf> holders = List.of(Unpooled.directBuffer(), ByteBufAllocator.DEFAULT.directBuffer(),
                Unpooled.buffer(), Unpooled.compositeBuffer().addComponent(true, Unpooled.wrappedBuffer(new byte[5]))
                        .addComponent(true, Unpooled.directBuffer().writeBytes(payload))
                        .addComponent(true, Unpooled.wrappedBuffer(new byte[3])));
        for (ByteBuf holder : holders) {
            if (holder.writerIndex() == 0) {
                holder.writeZero(5).writeBytes(payload).writeZero(3);
            }
            ByteBuf reused = Unpooled.buffer().writeByte(9).writeBytes(head).skipBytes(1);
            send(lane, reused, holder, 5, bytes, padding, PEER, fates);
            reused.setZero(0, reused.capacity());
            payloads.add(holder);
        }
        holders.forEach(ByteBuf::release);
        datagrams.flush();

        assertThat(kernel.datagrams()).hasSize(4).containsOnly(whole);
    }

    @Test
    void refusesPartsThatItHasNoRoomForAndLosesNoRoomBySo() {
        ByteBuf payload = Unpooled.directBuffer(16).writeZero(10);
        ByteBuf noHead = Unpooled.EMPTY_BUFFER;
        for (int i = 0; i < MOST_ENTRIES; i++) {
            assertThatThrownBy(() -> send(lane, Unpooled.buffer().writeZero(65), payload, 0, 10, 0, PEER, fates))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> send(lane, noHead, payload, 0, 10, 5, PEER, fates))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> send(lane, noHead, payload, 0, 10, -1, PEER, fates))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> send(lane, noHead, payload, 0, 11, 0, PEER, fates))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> send(lane, noHead, payload, -1, 4, 0, PEER, fates))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> send(lane, noHead, payload, 4, -1, 0, PEER, fates))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        payload.release();
        payloads.add(payload);
        send(1, 2, 3);
        datagrams.flush();

        assertThat(kernel.datagrams()).hasSize(3);
    }

    @Test
    void takesOverAMessageThatNobodyHearsOf() {
        ByteBuf message = ByteBufAllocator.DEFAULT.directBuffer().writeInt(1);
        ByteBuf onHeap = Unpooled.buffer().writeInt(2);
        for (ByteBuf owned : List.of(message, onHeap)) {
            datagrams.send(lane, Unpooled.EMPTY_BUFFER, owned, 0, 4, 0, TransportAddress.of(PEER), 0, 0, null, null,
                    true);
        }
        assertThat(message.refCnt()).isOne();
        datagrams.flush();

        assertThat(kernel.datagrams()).containsExactly(new byte[]{0, 0, 0, 1}, new byte[]{0, 0, 0, 2});
        assertThat(message.refCnt()).isZero();
        assertThat(onHeap.refCnt()).isZero();
    }

    @Test
    void keepsTheBytesOfWhatWaitsThoughTheirMemoryIsUsedAgain() {
        kernel.judge(message -> FakeKernel.EAGAIN);
        for (int i = 0; i < 3; i++) {
            kernel.arrive(PEER, InboxTest.bytes(20, i));
        }
        datagrams.receive(lane, 16, (datagram, source) -> send(lane, Unpooled.buffer().writeInt(0x40000014), datagram,
                datagram.readerIndex(), datagram.readableBytes(), 1, OTHER_HOST, fates));
        datagrams.flush();
        for (int i = 0; i < 32; i++) {
            kernel.arrive(PEER, new byte[65_507]);
        }
        datagrams.receive(lane, 32, (datagram, source) -> {});
        kernel.judge(message -> 0);
        datagrams.resume(lane);

        assertThat(kernel.datagrams()).containsExactly(framed(0), framed(1), framed(2));
        assertThat(kernel.sent()).extracting(FakeKernel.Message::to).containsOnly(OTHER_HOST);
    }

    private static byte[] framed(int seed) {
        return Unpooled.buffer(25, 25).writeInt(0x40000014).writeBytes(InboxTest.bytes(20, seed)).writeByte(0).array();
    }

    @Test
    void sendsWhatLiesInReceivedDatagramsBeforeTheirMemoryIsUsedAgain() {
        for (int i = 0; i < 100; i++) {
            kernel.arriveTogether(PEER, 1_000, InboxTest.bytes(10_000, i));
        }
        for (int received = 1; received > 0;) {
            received = datagrams.receive(lane, 16, (datagram, source) -> send(lane, Unpooled.EMPTY_BUFFER, datagram,
                    datagram.readerIndex(), datagram.readableBytes(), 0, OTHER_HOST, fates));
        }
        datagrams.flush();

        assertThat(kernel.datagrams()).hasSize(1_000);
        for (int i = 0; i < 1_000; i++) {
            int part = i % 10;
            assertThat(kernel.datagrams().get(i)).isEqualTo(
                    Arrays.copyOfRange(InboxTest.bytes(10_000, i / 10), part * 1_000, part * 1_000 + 1_000));
        }
    }

    @Test
    void keepsWhatIsBeingReadThoughItsReaderFlushes() {
        for (int i = 0; i < 3; i++) {
            kernel.arrive(PEER, InboxTest.bytes(1_000, i));
        }
        kernel.arrive(PEER, new byte[1_000]);
        datagrams.receive(lane, 3, (datagram, source) -> {
            send(lane, Unpooled.EMPTY_BUFFER, datagram, datagram.readerIndex(), 1_000, 0, OTHER_HOST, fates);
            datagrams.flush();
            send(lane, Unpooled.EMPTY_BUFFER, datagram, datagram.readerIndex(), 1_000, 0, OTHER_HOST, fates);
        });
        datagrams.receive(lane, 16, (datagram, source) -> {});
        datagrams.flush();

        List<byte[]> expected = IntStream.range(0, 6).mapToObj(i -> InboxTest.bytes(1_000, i / 2)).toList();
        assertThat(kernel.datagrams()).containsExactlyElementsOf(expected);
    }
}
