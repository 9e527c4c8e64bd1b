package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a loop sends in one turn: as which messages it leaves, what stays behind, and who hears of it. */
@EnabledOnOs(OS.LINUX)
class DatagramsTest {
    private static final InetSocketAddress PEER = new InetSocketAddress("192.0.2.1", 4321);
    private static final InetSocketAddress OTHER_PORT = new InetSocketAddress("192.0.2.1", 4322);
    private static final InetSocketAddress OTHER_HOST = new InetSocketAddress("192.0.2.2", 4321);
    private static final int MOST_ENTRIES = 1024;
    private static final int QUEUE_BYTES = 20_000;

    private final FakeKernel kernel = new FakeKernel();
    private final Datagrams datagrams = new Datagrams(kernel);
    private final List<Lane> full = new ArrayList<>();
    private final Lane lane = lane(7, false);
    private final Fates fates = new Fates();
    private final List<ByteBuf> payloads = new ArrayList<>();

    private Lane lane(int fd, boolean ipv6) {
        Lane[] made = new Lane[1];
        made[0] = new Lane(fd, ipv6, QUEUE_BYTES, () -> full.add(made[0]));
        return made[0];
    }

    private void send(Lane to, InetSocketAddress peer, int size) {
        send(to, peer, InboxTest.bytes(size, size), fates);
    }

    private void send(Lane to, InetSocketAddress peer, byte[] payload, Delivery delivery) {
        ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, payload.length)).writeBytes(payload);
        send(to, Unpooled.EMPTY_BUFFER, buffer, 0, payload.length, 0, peer, delivery);
        buffer.release();
        payloads.add(buffer);
    }

    private void send(Lane to, ByteBuf head, ByteBuf payload, int index, int bytes, int padding,
            InetSocketAddress peer, Delivery delivery) {
        datagrams.send(to, head, payload, index, bytes, padding, TransportAddress.of(peer), bytes + 4, bytes, delivery,
                DropReason.PEER_SEND_FAILED, false);
    }

    private void send(int... sizes) {
        for (int size : sizes) {
            send(lane, PEER, size);
        }
    }

    /** The sizes of the datagrams of each message. */
    private List<List<Integer>> messages() {
        return kernel.sent().stream()
                .map(message -> message.datagrams().stream().map(datagram -> datagram.length).toList()).toList();
    }

    private static List<Integer> repeated(int size, int times) {
        return IntStream.range(0, times).mapToObj(i -> size).toList();
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @AfterEach
    void nothingIsKept() {
        datagrams.close(lane);
        datagrams.flush();
        assertThat(payloads).allSatisfy(payload -> assertThat(payload.refCnt()).isZero());
    }

    @Test
    void sendsNeighboursOfOneSizeAsOneBurst() {
        send(100, 100, 100);
        assertThat(kernel.sent()).isEmpty();
        datagrams.flush();

        assertThat(messages()).containsExactly(List.of(100, 100, 100));
        assertThat(kernel.sent().get(0).to()).isEqualTo(PEER);
        assertThat(kernel.sent().get(0).fd()).isEqualTo(7);
        assertThat(kernel.datagrams()).containsOnly(InboxTest.bytes(100, 100));
        assertThat(kernel.sendCalls()).isOne();
        assertThat(fates.delivered()).containsExactly(100, 100, 100);
    }

    @Test
    void sendsALoneDatagramAsNoBurst() {
        send(100);
        datagrams.flush();

        assertThat(kernel.sent()).singleElement().satisfies(message -> assertThat(message.isBurst()).isFalse());
    }

    @Test
    void endsABurstWithAShorterDatagramAndBeginsOneWithALonger() {
        send(100, 100, 40, 40, 60, 60, 61, 100, 99, 98);
        datagrams.flush();

        assertThat(messages()).containsExactly(List.of(100, 100, 40), List.of(40), List.of(60, 60), List.of(61),
                List.of(100, 99), List.of(98));
        assertThat(kernel.sendCalls()).isOne();
    }

    @Test
    void putsNoMoreThan64DatagramsInABurst() {
        for (int i = 0; i < 130; i++) {
            send(10);
        }
        datagrams.flush();

        assertThat(messages()).containsExactly(repeated(10, 64), repeated(10, 64), repeated(10, 2));
    }

    @Test
    void putsNoMoreBytesInABurstThanInADatagram() {
        send(30_000, 30_000, 5_507, 30_000, 30_000, 5_508, 65_507, 65_507);
        datagrams.flush();

        assertThat(messages()).containsExactly(List.of(30_000, 30_000, 5_507), List.of(30_000, 30_000),
                List.of(5_508), List.of(65_507), List.of(65_507));
    }

    @Test
    void tellsOfADatagramThatIsTooLongForTheKernelOnce() {
        kernel.judge(message -> message.datagrams().get(0).length > 65_507 ? FakeKernel.EMSGSIZE : 0);
        send(65_508, 65_535, 100);
        datagrams.flush();

        assertThat(fates.refused()).containsExactly(65_508, 65_535);
        assertThat(fates.delivered()).containsExactly(100);
    }

    @Test
    void sendsEmptyDatagramsAloneAndInOrder() {
        send(100, 0, 0, 100, 100, 0);
        datagrams.flush();

        assertThat(messages()).containsExactly(List.of(100), List.of(0), List.of(0), List.of(100, 100), List.of(0));
        assertThat(fates.delivered()).containsExactly(100, 0, 0, 100, 100, 0);
    }

    @Test
    void putsDatagramsToOneAddressAndPortInABurst() {
        send(lane, PEER, 10);
        send(lane, PEER, 10);
        send(lane, OTHER_PORT, 10);
        send(lane, OTHER_HOST, 10);
        send(lane, PEER, 10);
        datagrams.flush();

        assertThat(kernel.sent()).extracting(FakeKernel.Message::to).containsExactly(PEER, OTHER_PORT, OTHER_HOST,
                PEER);
        assertThat(messages().get(0)).hasSize(2);
    }

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
    void goesOnWhereTheKernelStoppedInTheMiddle() {
        kernel.takeAtMost(3);
        IntStream.rangeClosed(1, 200).forEach(this::send);
        datagrams.flush();

        assertThat(fates.delivered()).isEqualTo(range(1, 201));
        assertThat(kernel.datagrams()).extracting(datagram -> datagram.length).isEqualTo(range(1, 201));
    }

    @Test
    void leavesTheRestInOrderWhenTheKernelIsFullAndGoesOnWhenItIsAsked() {
        kernel.judge(message -> message.datagrams().get(0).length > 70 ? FakeKernel.EAGAIN : 0);
        IntStream.rangeClosed(1, 100).forEach(this::send);
        datagrams.flush();

        assertThat(fates.delivered()).isEqualTo(range(1, 71));
        assertThat(full).containsExactly(lane);
        assertThat(lane.isClear()).isFalse();
        assertThat(payloads).allSatisfy(payload -> assertThat(payload.refCnt()).isZero());

        // What comes later must not overtake what waits.
        send(7);
        datagrams.flush();
        assertThat(fates.delivered()).hasSize(70);
        kernel.judge(message -> message.datagrams().get(0).length > 90 ? FakeKernel.EAGAIN : 0);
        assertThat(datagrams.resume(lane)).isFalse();
        assertThat(fates.delivered()).isEqualTo(range(1, 91));
        kernel.judge(message -> 0);
        assertThat(datagrams.resume(lane)).isTrue();

        assertThat(lane.isEmpty()).isTrue();
        assertThat(fates.delivered()).hasSize(101).endsWith(99, 100, 7);
        assertThat(kernel.datagrams()).hasSize(101);
        assertThat(kernel.datagrams().get(98)).isEqualTo(InboxTest.bytes(99, 99));
    }

    @Test
    void takesMoreWhileTheKernelIsFullUntilTooManyBytesWait() {
        for (int size : new int[]{1_000, 0}) {
            kernel.judge(message -> FakeKernel.EAGAIN);
            int given = 0;
            while (lane.isWritable()) {
                send(size);
                datagrams.flush();
                given++;
            }

            assertThat(given).isBetween(2, QUEUE_BYTES / Math.max(100, size));
            kernel.judge(message -> 0);
            assertThat(datagrams.resume(lane)).isTrue();
            assertThat(lane.isWritable()).isTrue();
        }
    }

    @Test
    void sendsWhatWaitsAtTheNextFlushBeforeWhatCameLater() {
        kernel.judge(message -> message.datagrams().get(0).length > 2 ? FakeKernel.EAGAIN : 0);
        send(1, 2, 3, 4);
        datagrams.flush();
        kernel.judge(message -> 0);
        send(5, 6);
        datagrams.flush();

        assertThat(fates.delivered()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(kernel.datagrams()).extracting(datagram -> datagram.length).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(lane.isEmpty()).isTrue();
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
    void makesAnInterruptedCallAgain() {
        int[] interruptions = {3};
        kernel.judge(message -> interruptions[0]-- > 0 ? FakeKernel.EINTR : 0);
        send(10, 20);
        datagrams.flush();

        assertThat(fates.delivered()).containsExactly(10, 20);
    }

    @ParameterizedTest
    @ValueSource(ints = {FakeKernel.EIO, FakeKernel.EOPNOTSUPP})
    void sendsSinglyFromNowOnWhereTheKernelMakesNoBursts(int error) {
        kernel.judge(message -> message.isBurst() ? error : 0);
        send(100, 100, 50, 200, 200);
        datagrams.flush();
        assertThat(fates.delivered()).containsExactly(100, 100, 50, 200, 200);
        int calls = kernel.sendCalls();

        send(10, 10, 10);
        datagrams.flush();

        assertThat(kernel.sendCalls()).isEqualTo(calls + 1);
        assertThat(messages()).hasSize(8).allSatisfy(message -> assertThat(message).hasSize(1));
        assertThat(fates.delivered()).hasSize(8);
        assertThat(fates.refused()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {FakeKernel.EINVAL, FakeKernel.EMSGSIZE})
    void sendsSinglyWhatIsTooLongForTheSegmentsOfTheNetwork(int error) {
        kernel.judge(message -> message.segment() > 1_472 ? error : 0);
        send(1_473, 1_473, 1_472, 1_472);
        datagrams.flush();
        send(2_000, 2_000, 1_472, 1_472);
        datagrams.flush();

        assertThat(messages()).containsExactly(List.of(1_473), List.of(1_473), List.of(1_472), List.of(1_472),
                List.of(2_000), List.of(2_000), List.of(1_472, 1_472));
        assertThat(fates.delivered()).hasSize(8);
        assertThat(fates.refused()).isEmpty();
    }

    @Test
    void doesNotLetAHostWithANarrowPathSpoilBurstsToOthers() {
        kernel.judge(message -> message.to().equals(OTHER_HOST) && message.segment() > 500 ? FakeKernel.EMSGSIZE : 0);
        for (int turn = 0; turn < 2; turn++) {
            send(lane, OTHER_HOST, 600);
            send(lane, OTHER_HOST, 600);
            send(lane, OTHER_HOST, 500);
            send(lane, OTHER_HOST, 500);
            send(1_200, 1_200);
            datagrams.flush();
        }

        assertThat(messages()).containsExactly(List.of(600), List.of(600), List.of(500), List.of(500),
                List.of(1_200, 1_200), List.of(600), List.of(600), List.of(500, 500), List.of(1_200, 1_200));
        assertThat(fates.refused()).isEmpty();
    }

    @Test
    void doesNotLetAnAddressThatCannotBeReachedSpoilBurstsToOthers() {
        InetSocketAddress nowhere = new InetSocketAddress("192.0.2.1", 0);
        kernel.judge(message -> message.to().equals(nowhere) ? FakeKernel.EINVAL : 0);
        send(lane, nowhere, 10);
        send(lane, nowhere, 10);
        send(100, 100);
        datagrams.flush();

        assertThat(fates.refused()).containsExactly(10, 10);
        assertThat(messages()).containsExactly(List.of(100, 100));
    }

    @Test
    void leavesTheRestWhenTheKernelIsFullAmongTheDatagramsOfARefusedBurst() {
        kernel.judge(message -> {
            if (message.isBurst()) {
                return FakeKernel.EINVAL;
            }
            return kernel.sent().size() == 2 ? FakeKernel.EAGAIN : 0;
        });
        send(10, 10, 10, 9, 20, 20, 3);
        datagrams.flush();
        assertThat(fates.delivered()).containsExactly(10, 10);
        assertThat(full).containsExactly(lane);

        kernel.judge(message -> 0);
        datagrams.resume(lane);

        assertThat(fates.delivered()).containsExactly(10, 10, 10, 9, 20, 20, 3);
    }

    @Test
    void tellsOfEachDatagramOfARefusedMessageAndGoesOnWithTheNext() {
        kernel.judge(message -> message.to().equals(OTHER_HOST) ? FakeKernel.EPERM : 0);
        send(1);
        send(lane, OTHER_HOST, 20);
        send(lane, OTHER_HOST, 20);
        send(2);
        send(lane, OTHER_HOST, 5);
        send(3);
        datagrams.flush();

        assertThat(fates.refused()).containsExactly(20, 20, 5);
        assertThat(fates.delivered()).containsExactly(1, 2, 3);
        assertThat(full).isEmpty();
    }

    @Test
    void refusesWhatTheKernelAnswersWithNothing() {
        FakeKernel silent = new FakeKernel();
        silent.takeAtMost(0);
        Datagrams toSilent = new Datagrams(silent);
        for (int i = 0; i < 2; i++) {
            toSilent.send(lane, Unpooled.EMPTY_BUFFER, Unpooled.wrappedBuffer(new byte[i]), 0, i, 0,
                    TransportAddress.of(PEER), i, i, fates, DropReason.PEER_SEND_FAILED, true);
        }
        toSilent.flush();

        // The second goes by the call for one, which answers.
        assertThat(fates.refused()).containsExactly(0);
        assertThat(fates.delivered()).containsExactly(1);
    }

    @Test
    void tellsOfNoMoreThanItSentWhateverTheKernelClaims() {
        kernel.claimTooMany(1_000);
        send(1, 2, 3);
        datagrams.flush();
        send(4, 5, 6);
        datagrams.flush();

        assertThat(fates.delivered()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void sendsAnyNumberInOneTurn() {
        Lane second = lane(8, false);
        for (int i = 0; i < 3 * MOST_ENTRIES + 7; i++) {
            send(i % 3 == 0 ? second : lane, PEER, i % 900);
        }
        assertThat(kernel.datagrams()).hasSizeGreaterThan(MOST_ENTRIES);
        datagrams.flush();

        List<Integer> ofSecond = IntStream.range(0, 3 * MOST_ENTRIES + 7).filter(i -> i % 3 == 0).map(i -> i % 900)
                .boxed().toList();
        assertThat(fates.delivered()).hasSize(3 * MOST_ENTRIES + 7);
        assertThat(kernel.sent().stream().filter(message -> message.fd() == 8)
                .flatMap(message -> message.datagrams().stream()).map(datagram -> datagram.length).toList())
                .isEqualTo(ofSecond);
    }

    @Test
    void leavesMoreThanATurnHoldsInOrder() {
        kernel.judge(message -> FakeKernel.EAGAIN);
        IntStream.rangeClosed(1, 2 * MOST_ENTRIES + 1).forEach(this::send);
        datagrams.flush();
        kernel.judge(message -> 0);

        assertThat(datagrams.resume(lane)).isTrue();

        assertThat(fates.delivered()).isEqualTo(range(1, 2 * MOST_ENTRIES + 2));
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
    void sendsWhatItCanAndRefusesTheRestWhenASocketCloses() {
        kernel.judge(message -> kernel.datagrams().size() >= 2 ? FakeKernel.EAGAIN : 0);
        IntStream.rangeClosed(1, 5).forEach(this::send);
        datagrams.flush();
        send(6);
        kernel.judge(message -> kernel.datagrams().size() >= 3 ? FakeKernel.EAGAIN : 0);

        datagrams.close(lane);

        assertThat(fates.delivered()).containsExactly(1, 2, 3);
        assertThat(fates.refused()).containsExactly(4, 5, 6);
        assertThat(lane.isEmpty()).isTrue();
    }

    @Test
    void makesNoCallOnASocketThatWasClosedInThisTurn() {
        send(1, 2);
        datagrams.close(lane);
        int calls = kernel.sendCalls();

        datagrams.flush();

        assertThat(kernel.sendCalls()).isEqualTo(calls);
        assertThat(full).isEmpty();
        assertThat(fates.delivered()).containsExactly(1, 2);
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

    @Test
    void closesASocketWhoseDatagramsAreBeingRead() {
        Lane closing = lane(8, false);
        for (int i = 0; i < 3; i++) {
            kernel.arrive(PEER, InboxTest.bytes(1_000, i));
        }
        int[] read = {0};
        datagrams.receive(closing, 3, (datagram, source) -> {
            send(closing, Unpooled.EMPTY_BUFFER, datagram, datagram.readerIndex(), 1_000, 0, PEER, fates);
            send(lane, Unpooled.EMPTY_BUFFER, datagram, datagram.readerIndex(), 1_000, 0, OTHER_HOST, fates);
            if (++read[0] == 2) {
                datagrams.close(closing);
            }
        });
        datagrams.flush();

        assertThat(fates.delivered()).hasSize(6);
        assertThat(kernel.datagrams().subList(3, 6)).containsExactly(InboxTest.bytes(1_000, 0),
                InboxTest.bytes(1_000, 1), InboxTest.bytes(1_000, 2));
    }

    @Test
    void tellsTheOthersThoughOneWhoIsToldThrows() {
        for (int turn = 0; turn < MOST_ENTRIES; turn++) {
            send(1);
            send(lane, PEER, new byte[2], telling(bytes -> {
                throw new IllegalStateException("a bug");
            }));
            send(3);
            assertThatThrownBy(datagrams::flush).hasMessage("a bug");
            assertThatCode(datagrams::flush).doesNotThrowAnyException();
        }

        assertThat(fates.delivered()).hasSize(2 * MOST_ENTRIES);
        assertThat(kernel.datagrams()).hasSize(3 * MOST_ENTRIES);
    }

    @Test
    void letsNobodySendFlushOrCloseWhileItTellsOfAFate() {
        List<Runnable> forbidden = List.of(() -> send(lane, PEER, 100), datagrams::flush,
                () -> datagrams.flush(lane), () -> datagrams.resume(lane), () -> datagrams.close(lane));
        for (Runnable action : forbidden) {
            send(lane, PEER, new byte[1], telling(bytes -> action.run()));
            send(2, 3);
            assertThatThrownBy(datagrams::flush).isInstanceOf(IllegalStateException.class);
        }

        assertThat(fates.delivered()).hasSize(10);
        assertThat(kernel.datagrams()).hasSize(15).noneMatch(datagram -> datagram.length == 100);
    }

    private static Delivery telling(Consumer<Integer> action) {
        return new Delivery() {
            @Override
            public void delivered(int clientWireBytes, int payloadBytes) {
                action.accept(payloadBytes);
            }

            @Override
            public void refused(int clientWireBytes, int payloadBytes, DropReason reason) {
                action.accept(payloadBytes);
            }
        };
    }
}
