package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What is told of each datagram, whatever the kernel answers and whoever is told. */
@EnabledOnOs(OS.LINUX)
class DatagramFatesTest extends DatagramsBench {
    @Test
    void tellsOfADatagramThatIsTooLongForTheKernelOnce() {
        kernel.judge(message -> message.datagrams().get(0).length > 65_507 ? FakeKernel.EMSGSIZE : 0);
        send(65_508, 65_535, 100);
        datagrams.flush();

        assertThat(fates.refused()).containsExactly(65_508, 65_535);
        assertThat(fates.delivered()).containsExactly(100);
    }

    @Test
    void makesAnInterruptedCallAgain() {
        int[] interruptions = {3};
        kernel.judge(message -> interruptions[0]-- > 0 ? FakeKernel.EINTR : 0);
        send(10, 20);
        datagrams.flush();

        assertThat(fates.delivered()).containsExactly(10, 20);
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
