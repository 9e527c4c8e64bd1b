package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.turnpike.node.allocation.ByteStream;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.config.StreamConfig;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.usage.DropReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client that reads slowly: what waits for it, what is dropped, and that each byte is accounted for once. */
class TcpClientLegTest {
    private static final int MESSAGE_BYTES = 1_000;
    private static final int FRAMING_BYTES = 4;
    private static final ByteBuf PAYLOAD = Unpooled.wrappedBuffer(new byte[MESSAGE_BYTES - FRAMING_BYTES]);
    private static final int GIVEN_BYTES = 8_000;
    /** Messages that the connection takes before it is full. */
    private static final int GIVEN = GIVEN_BYTES / MESSAGE_BYTES;
    private static final int QUEUE_BYTES = 100_000;

    private final Socket socket = new Socket();
    private final Outcomes outcomes = new Outcomes();
    private final TcpClientLeg leg = new TcpClientLeg(
            new FiveTuple(ClientTransport.TCP, FakeSockets.address("192.0.2.1", 1),
                    FakeSockets.address("192.0.2.2", 3478)),
            new Outlet(new RelayLoop(0, socket.eventLoop()), socket), new NoConnection(), Optional.empty(),
            new StreamConfig(10, 10, Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofMillis(400),
                    QUEUE_BYTES));
    private int sent;

    @AfterEach
    void releasesEverything() {
        socket.close();
        leg.closed();
        socket.releaseOutbound();
        assertThat(outcomes.count()).isEqualTo(sent);
    }

    @Test
    void givesEverythingToAClientThatReads() {
        socket.reads(true);
        send(500);

        assertThat(socket.taken()).containsExactlyElementsOf(numbers(0, 500));
        assertThat(outcomes.deliveredBytes).isEqualTo(500L * MESSAGE_BYTES);
        assertThat(outcomes.refused).isEmpty();
    }

    @Test
    void keepsOrderForAClientThatStallsForLessThanTheBound() {
        send(50);
        socket.pass(399);
        send(20);
        socket.reads(true);
        send(10);

        assertThat(socket.taken()).containsExactlyElementsOf(numbers(0, 80));
        assertThat(outcomes.refused).isEmpty();
    }

    @Test
    void dropsTheOldestThatWaitedTooLongAndNothingOfWhatTheConnectionHas() {
        send(20);
        socket.pass(300);
        send(5);
        socket.pass(100);

        // The connection has taken its first bytes; the rest of the first 20 has waited for 400 ms.
        assertThat(outcomes.refused).containsExactly(Map.entry(DropReason.CLIENT_QUEUE_STALE, 20 - GIVEN));
        socket.reads(true);
        List<Integer> expected = new ArrayList<>(numbers(0, GIVEN));
        expected.addAll(numbers(20, 25));
        assertThat(socket.taken()).containsExactlyElementsOf(expected);
        assertThat(outcomes.deliveredBytes).isEqualTo((long) expected.size() * MESSAGE_BYTES);
    }

    @Test
    void dropsTheOldestThatDoNotFit() {
        send(500);

        int waiting = QUEUE_BYTES / MESSAGE_BYTES;
        assertThat(outcomes.refused)
                .containsExactly(Map.entry(DropReason.CLIENT_QUEUE_FULL, 500 - GIVEN - waiting));
        socket.reads(true);
        List<Integer> expected = new ArrayList<>(numbers(0, GIVEN));
        expected.addAll(numbers(500 - waiting, 500));
        assertThat(socket.taken()).containsExactlyElementsOf(expected);
        assertThat(outcomes.deliveredBytes + outcomes.refusedBytes).isEqualTo(500L * MESSAGE_BYTES);
        assertThat(outcomes.deliveredBytes).isEqualTo((long) expected.size() * MESSAGE_BYTES);
    }

    @Test
    void letsAnswersPassTheDataThatWaits() {
        send(30);
        leg.sendControl(message(-1));
        socket.reads(true);

        List<Integer> taken = socket.taken();
        assertThat(taken).hasSize(31);
        assertThat(taken.indexOf(-1)).isLessThan(30 - 1);
        taken.remove(Integer.valueOf(-1));
        assertThat(taken).isSorted();
    }

    @Test
    void stopsReadingWhoeverLeavesItsAnswersUnread() {
        for (int i = 0; i < 64 * 1024 / MESSAGE_BYTES; i++) {
            leg.sendControl(message(i));
        }
        assertThat(socket.config().isAutoRead()).isTrue();
        leg.sendControl(message(-1));
        assertThat(socket.config().isAutoRead()).isFalse();

        socket.reads(true);
        assertThat(socket.config().isAutoRead()).isTrue();
    }

    @Test
    void readsAClientOfUnreadDataAsBefore() {
        send(500);
        leg.sendControl(message(-1));

        assertThat(socket.config().isAutoRead()).isTrue();
        leg.pauseReading();
        assertThat(socket.config().isAutoRead()).isFalse();
        leg.resumeReading();
        assertThat(socket.config().isAutoRead()).isTrue();
    }

    @Test
    void givesEverythingBackWhenTheConnectionIsLost() {
        send(50);
        socket.close();
        leg.closed();
        send(3);

        assertThat(outcomes.deliveredBytes).isZero();
        assertThat(outcomes.refused).containsExactly(Map.entry(DropReason.CLIENT_SEND_FAILED, 53));
        assertThat(outcomes.refusedBytes).isEqualTo(53L * MESSAGE_BYTES);
    }

    private void send(int messages) {
        for (int i = 0; i < messages; i++) {
            leg.sendData(Unpooled.buffer(FRAMING_BYTES).writeInt(sent++), PAYLOAD, 0, outcomes);
        }
        socket.runPendingTasks();
    }

    private static ByteBuf message(int number) {
        return Unpooled.buffer(MESSAGE_BYTES).writeInt(number).writeZero(MESSAGE_BYTES - 4);
    }

    private static List<Integer> numbers(int from, int to) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = from; i < to; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    /** A socket that takes bytes when the test says so. */
    private final class Socket extends EmbeddedChannel {
        private final Gate gate;

        Socket() {
            this(new Gate());
        }

        private Socket(Gate gate) {
            super(gate);
            this.gate = gate;
            freezeTime();
            config().setWriteBufferWaterMark(new WriteBufferWaterMark(GIVEN_BYTES / 2, GIVEN_BYTES));
        }

        void reads(boolean open) {
            gate.open = open;
            flush();
            runPendingTasks();
            // What the connection's handler does when the channel says so.
            while (isWritable() && gate.open && leg.hasWaiting()) {
                leg.writableAgain();
            }
            flush();
        }

        void pass(int millis) {
            for (int i = 0; i < millis; i++) {
                advanceTimeBy(1, TimeUnit.MILLISECONDS);
                runPendingTasks();
            }
        }

        List<Integer> taken() {
            List<Integer> taken = new ArrayList<>();
            for (ByteBuf message = readOutbound(); message != null; message = readOutbound()) {
                assertThat(message.readableBytes()).isEqualTo(MESSAGE_BYTES);
                taken.add(message.readInt());
                message.release();
            }
            return taken;
        }
    }

    private static final class Gate extends ChannelOutboundHandlerAdapter {
        private boolean open;

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (open) {
                ctx.flush();
            }
        }
    }

    private static final class Outcomes implements Delivery {
        private final Map<DropReason, Integer> refused = new EnumMap<>(DropReason.class);
        private long deliveredBytes;
        private long refusedBytes;
        private int delivered;

        @Override
        public void delivered(int clientWireBytes, int payloadBytes) {
            assertThat(clientWireBytes - payloadBytes).isEqualTo(FRAMING_BYTES);
            delivered++;
            deliveredBytes += clientWireBytes;
        }

        @Override
        public void refused(int clientWireBytes, int payloadBytes, DropReason reason) {
            assertThat(clientWireBytes - payloadBytes).isEqualTo(FRAMING_BYTES);
            refused.merge(reason, 1, Integer::sum);
            refusedBytes += clientWireBytes;
        }

        int count() {
            return delivered + refused.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    private static final class NoConnection implements TcpClientLeg.Connection {
        @Override
        public void holdBack() {}

        @Override
        public void goOn() {
            // nothing was read
        }

        @Override
        public void readOn() {}

        @Override
        public void becomeStream(int loop, ByteStream.Receiver receiver) {}
    }
}
