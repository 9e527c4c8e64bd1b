package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What stays behind when the kernel is full, in which order it goes on, and what becomes of it when its socket closes. */
@EnabledOnOs(OS.LINUX)
class DatagramQueueTest extends DatagramsBench {
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
}
