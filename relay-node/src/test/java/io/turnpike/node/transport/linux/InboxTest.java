package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AddressFamily;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a loop makes of what the kernel has received. */
@EnabledOnOs(OS.LINUX)
class InboxTest {
    private static final int FD = 7;
    private static final int ROOMS = 32;
    private static final InetSocketAddress SENDER = new InetSocketAddress("192.0.2.1", 4321);
    private static final InetSocketAddress OTHER = new InetSocketAddress("192.0.2.2", 65_535);

    private final FakeKernel kernel = new FakeKernel();
    private final Inbox inbox = new Inbox(kernel);
    private final List<byte[]> received = new ArrayList<>();
    private final List<InetSocketAddress> senders = new ArrayList<>();

    private void take(ByteBuf datagram, AddressCursor source) {
        received.add(ByteBufUtil.getBytes(datagram));
        senders.add(source.socketAddress());
    }

    private int receive(int most) {
        return inbox.receive(FD, most, this::take);
    }

    static byte[] bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (seed + i * 31);
        }
        return bytes;
    }

    @Test
    void handsDatagramsOverWithTheirSenders() {
        kernel.arrive(SENDER, bytes(3, 1));
        kernel.arrive(OTHER, bytes(65_507, 2));

        assertThat(receive(16)).isEqualTo(2);

        assertThat(received).containsExactly(bytes(3, 1), bytes(65_507, 2));
        assertThat(senders).containsExactly(SENDER, OTHER);
        assertThat(receive(16)).isEqualTo(-FakeKernel.EAGAIN);
    }

    @Test
    void cutsABurstIntoItsDatagramsOfWhichTheLastMayBeShorter() {
        byte[] burst = bytes(1_000 * 63 + 1, 5);
        kernel.arriveTogether(SENDER, 1_000, burst);
        kernel.arriveTogether(OTHER, 500, bytes(1_000, 6));

        assertThat(receive(16)).isEqualTo(2);

        assertThat(received).hasSize(66);
        assertThat(received.get(62)).isEqualTo(Arrays.copyOfRange(burst, 62_000, 63_000));
        assertThat(received.get(63)).containsExactly(burst[63_000]);
        assertThat(received.get(65)).isEqualTo(Arrays.copyOfRange(bytes(1_000, 6), 500, 1_000));
        assertThat(senders.subList(0, 64)).containsOnly(SENDER);
        assertThat(senders.subList(64, 66)).containsOnly(OTHER);
    }

    @Test
    void namesTheSenderOfEachDatagramOfABurstThoughItsReaderPointsElsewhere() {
        kernel.arriveTogether(SENDER, 10, bytes(30, 1));

        inbox.receive(FD, 1, (datagram, source) -> {
            take(datagram, source);
            source.set(OTHER);
            datagram.skipBytes(datagram.readableBytes());
        });

        assertThat(senders).containsExactly(SENDER, SENDER, SENDER);
        assertThat(received).allSatisfy(datagram -> assertThat(datagram).hasSize(10));
    }

    @Test
    void takesADatagramWholeWhereTheKernelKnowsNoBurstsOrTellsOfOtherThings() {
        byte[] sender = FakeKernel.name(SENDER, 0);
        kernel.arrive(SENDER, bytes(3_000, 1));
        kernel.arrive(sender, bytes(3_000, 2), FakeKernel.control(0, 8, 1_000));
        kernel.arrive(sender, bytes(3_000, 3), FakeKernel.control(Layout.SOL_UDP, 99, 1_000));

        receive(16);

        assertThat(received).containsExactly(bytes(3_000, 1), bytes(3_000, 2), bytes(3_000, 3));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 3_000, 3_001, Integer.MAX_VALUE})
    void takesADatagramWholeWhoseBurstHasNoUsableSize(int segment) {
        kernel.arriveTogether(SENDER, segment, bytes(3_000, 1));

        receive(16);

        assertThat(received).containsExactly(bytes(3_000, 1));
    }

    @Test
    void handsAnEmptyDatagramOver() {
        kernel.arrive(SENDER, new byte[0]);
        kernel.arriveTogether(OTHER, 100, new byte[0]);

        receive(16);

        assertThat(received).containsExactly(new byte[0], new byte[0]);
        assertThat(senders).containsExactly(SENDER, OTHER);
    }

    @Test
    void readsIpv6SendersAndTheInterfaceOfLinkLocalOnes() {
        InetSocketAddress global = new InetSocketAddress("2001:db8::1:2", 40_000);
        InetSocketAddress linkLocal = new InetSocketAddress("fe80::1", 5);
        List<Integer> scopes = new ArrayList<>();
        kernel.arrive(FakeKernel.name(linkLocal, 3), bytes(1, 1), new byte[0]);
        kernel.arrive(FakeKernel.name(global, 0), bytes(1, 1), new byte[0]);
        kernel.arrive(FakeKernel.name(linkLocal, 4), bytes(1, 1), new byte[0]);
        kernel.arrive(SENDER, bytes(1, 1));

        inbox.receive(FD, 16, (datagram, source) -> {
            take(datagram, source);
            scopes.add(inbox.scope());
        });

        assertThat(senders).containsExactly(linkLocal, global, linkLocal, SENDER);
        assertThat(scopes).containsExactly(3, 0, 4, 0);
    }

    @Test
    void takesAMappedAddressForTheIpv4AddressThatItIs() {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xFF, (byte) 0xFF, (byte) 192, 0, 2, 1};
        kernel.arrive(FakeKernel.name(mapped, 4321, 0), bytes(1, 1), new byte[0]);

        inbox.receive(FD, 1, (datagram, source) -> {
            take(datagram, source);
            assertThat(source.family()).isEqualTo(AddressFamily.IPV4);
        });

        assertThat(senders).containsExactly(SENDER);
    }

    @Test
    void receivesNoMoreThanThereIsRoomForUntilWhatWasSentHasLeft() {
        for (int i = 0; i < ROOMS + 8; i++) {
            kernel.arrive(SENDER, bytes(10, i));
        }

        assertThat(receive(16)).isEqualTo(16);
        assertThat(receive(10)).isEqualTo(10);
        assertThat(receive(16)).isEqualTo(6);
        assertThat(receive(16)).isZero();
        inbox.reuse();
        assertThat(receive(16)).isEqualTo(8);

        assertThat(received).hasSize(ROOMS + 8);
        for (int i = 0; i < received.size(); i++) {
            assertThat(received.get(i)).isEqualTo(bytes(10, i));
        }
    }

    @Test
    void keepsRoomsThatAreBeingReadThoughTheOthersAreUsedAgain() {
        kernel.arrive(SENDER, bytes(10, 1));
        kernel.arrive(SENDER, bytes(10, 2));

        inbox.receive(FD, 2, (datagram, source) -> {
            inbox.reuse();
            take(datagram, source);
        });

        assertThat(received).containsExactly(bytes(10, 1), bytes(10, 2));
        assertThat(inbox.vacant()).isEqualTo(ROOMS - 2);
    }

    @Test
    void receivesNothingWhileItDelivers() {
        kernel.arrive(SENDER, bytes(10, 1));
        kernel.arrive(SENDER, bytes(10, 2));
        kernel.arrive(SENDER, bytes(10, 3));

        inbox.receive(FD, 2, (datagram, source) -> {
            assertThat(receive(16)).isZero();
            inbox.reuse();
            take(datagram, source);
        });

        assertThat(received).containsExactly(bytes(10, 1), bytes(10, 2));
        assertThat(receive(16)).isOne();
    }

    @Test
    void goesOnAfterAReaderThatThrew() {
        for (int turn = 0; turn < ROOMS; turn++) {
            kernel.arriveTogether(SENDER, 5, bytes(10, 1));
            kernel.arriveTogether(SENDER, 5, bytes(10, 2));
            kernel.arrive(OTHER, bytes(10, 3));
            assertThatThrownBy(() -> inbox.receive(FD, 3, (datagram, source) -> {
                throw new AssertionError("a bug");
            })).hasMessage("a bug");
            inbox.reuse();
            assertThat(inbox.vacant()).isEqualTo(ROOMS);
        }

        kernel.arrive(OTHER, bytes(10, 4));
        kernel.arriveTogether(SENDER, 5, bytes(10, 5));
        kernel.arriveTogether(SENDER, 5, bytes(10, 6));
        receive(16);

        assertThat(received).hasSize(5);
    }

    @Test
    void readsNoMemoryBeyondItsRoomsWhateverTheKernelClaims() {
        for (int i = 0; i < ROOMS; i++) {
            kernel.arriveWithClaim(SENDER, bytes(10, i), Integer.MAX_VALUE);
        }
        kernel.claimTooMany(100);

        assertThat(receive(ROOMS)).isEqualTo(ROOMS);

        assertThat(received).hasSize(ROOMS).allSatisfy(datagram -> assertThat(datagram).hasSize(65_536));
    }
}
