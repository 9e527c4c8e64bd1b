package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which datagrams leave as one message, and what becomes of bursts that the kernel refuses. */
@EnabledOnOs(OS.LINUX)
class DatagramBurstsTest extends DatagramsBench {
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

    private static List<Integer> repeated(int size, int times) {
        return IntStream.range(0, times).mapToObj(i -> size).toList();
    }
}
