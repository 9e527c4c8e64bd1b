package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random datagrams, direct ones and ones sent on from where they were received, over a kernel of random moods: each is told
 * of once, what was told as delivered has left whole and in order, and nothing else has left.
 */
class DatagramsModelTest {
    private static final int LANES = 4;
    private static final int[] SIZES = {0, 1, 4, 100, 100, 100, 101, 1_200, 1_200, 1_473, 9_000, 40_000, 65_507};
    private static final int[] BURST_ERRORS = {FakeKernel.EIO, FakeKernel.EINVAL, FakeKernel.EMSGSIZE,
        FakeKernel.EOPNOTSUPP};

    @Property(tries = 100)
    void losesRepeatsAndReordersNothing(@ForAll long seed) {
        new Run(new Random(seed)).play();
    }

    private static final class Run {
        private final Random random;
        private final FakeKernel kernel = new FakeKernel();
        private final Datagrams datagrams = new Datagrams(kernel);
        private final List<Lane> lanes = new ArrayList<>();
        private final List<List<Sent>> given = new ArrayList<>();
        private final Map<Lane, Integer> timesFull = new HashMap<>();
        private final List<ByteBuf> buffers = new ArrayList<>();
        private int trouble;

        /** A datagram as its sender remembers it. */
        private static final class Sent implements Delivery {
            private final byte[] whole;
            private final InetSocketAddress to;
            private int delivered;
            private int refused;

            Sent(byte[] whole, InetSocketAddress to) {
                this.whole = whole;
                this.to = to;
            }

            @Override
            public void delivered(int clientWireBytes, int payloadBytes) {
                delivered++;
            }

            @Override
            public void refused(int clientWireBytes, int payloadBytes, DropReason reason) {
                refused++;
            }
        }

        Run(Random random) {
            this.random = random;
            for (int i = 0; i < LANES; i++) {
                boolean ipv6 = i % 2 == 1;
                int lane = i;
                lanes.add(new Lane(10 + i, ipv6, 1, () -> timesFull.merge(lanes.get(lane), 1, Integer::sum)));
                given.add(new ArrayList<>());
            }
        }

        void play() {
            kernel.judge(message -> mood(message));
            int steps = 1 + random.nextInt(40);
            for (int step = 0; step < steps; step++) {
                trouble = random.nextInt(3);
                kernel.takeAtMost(random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(5));
                int lane = random.nextInt(LANES);
                switch (random.nextInt(8)) {
                    case 0 -> datagrams.flush();
                    case 1 -> datagrams.flush(lanes.get(lane));
                    case 2 -> assertThat(datagrams.resume(lanes.get(lane))).isEqualTo(lanes.get(lane).isClear());
                    case 3, 4 -> sendOn(lane);
                    default -> send(lane);
                }
            }
            trouble = random.nextInt(2);
            datagrams.flush();
            lanes.forEach(datagrams::close);
            check();
        }

        private int mood(FakeKernel.Message message) {
            if (trouble == 0 || random.nextInt(10) > 2) {
                return 0;
            }
            if (message.isBurst() && random.nextBoolean()) {
                return BURST_ERRORS[random.nextInt(BURST_ERRORS.length)];
            }
            return switch (random.nextInt(4)) {
                case 0 -> FakeKernel.EAGAIN;
                case 1 -> FakeKernel.EINTR;
                case 2 -> FakeKernel.EPERM;
                default -> FakeKernel.EMSGSIZE;
            };
        }

        private void send(int lane) {
            int count = 1 + random.nextInt(random.nextInt(20) == 0 ? 1_500 : 100);
            int size = SIZES[random.nextInt(count > 100 ? 8 : SIZES.length)];
            InetSocketAddress to = address(lane);
            for (int i = 0; i < count; i++) {
                ByteBuf payload = random.nextInt(5) == 0
                        ? Unpooled.buffer(Math.max(1, size))
                        : ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size));
                payload.writeBytes(noise(size));
                give(lane, payload, 0, size, to);
                payload.release();
                buffers.add(payload);
                if (random.nextInt(4) == 0) {
                    size = SIZES[random.nextInt(count > 100 ? 8 : SIZES.length)];
                }
                if (random.nextInt(8) == 0) {
                    to = address(lane);
                }
            }
        }

        /** Receives, and sends every datagram on, some of them twice, through any lane. */
        private void sendOn(int lane) {
            int arrivals = 1 + random.nextInt(40);
            for (int i = 0; i < arrivals; i++) {
                int segment = 1 + random.nextInt(2_000);
                kernel.arriveTogether(address(0), segment, noise(1 + random.nextInt(segment * 8)));
            }
            int received = 1;
            while (received > 0) {
                received = datagrams.receive(lanes.get(lane), 1 + random.nextInt(16), (datagram, source) -> {
                    int times = random.nextInt(3);
                    for (int i = 0; i < times; i++) {
                        int out = random.nextInt(LANES);
                        give(out, datagram, datagram.readerIndex(), datagram.readableBytes(), address(out));
                    }
                    if (random.nextInt(20) == 0) {
                        datagrams.flush();
                    }
                });
            }
        }

        private void give(int lane, ByteBuf payload, int index, int bytes, InetSocketAddress to) {
            ByteBuf head = Unpooled.wrappedBuffer(noise(random.nextBoolean() ? 0 : 4 * random.nextInt(13)));
            int padding = random.nextInt(4);
            ByteBuf whole = Unpooled.buffer().writeBytes(head, 0, head.readableBytes())
                    .writeBytes(payload, index, bytes).writeZero(padding);
            Sent sent = new Sent(ByteBufUtil.getBytes(whole), to);
            given.get(lane).add(sent);
            datagrams.send(lanes.get(lane), head, payload, index, bytes, padding, TransportAddress.of(to), 1, 1, sent,
                    DropReason.PEER_SEND_FAILED, false);
        }

        private byte[] noise(int size) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            return bytes;
        }

        private InetSocketAddress address(int lane) {
            int last = 1 + random.nextInt(2);
            return new InetSocketAddress(lane % 2 == 1 ? "2001:db8::" + last : "192.0.2." + last,
                    5_000 + random.nextInt(2));
        }

        private void check() {
            for (int i = 0; i < LANES; i++) {
                int fd = lanes.get(i).fd;
                assertThat(given.get(i)).allMatch(sent -> sent.delivered + sent.refused == 1);
                List<FakeKernel.Message> left = kernel.sent().stream().filter(message -> message.fd() == fd).toList();
                List<Sent> delivered = given.get(i).stream().filter(sent -> sent.delivered == 1).toList();
                int at = 0;
                for (FakeKernel.Message message : left) {
                    for (byte[] datagram : message.datagrams()) {
                        Sent expected = delivered.get(at++);
                        if (!message.to().equals(expected.to) || !Arrays.equals(datagram, expected.whole)) {
                            throw new AssertionError("datagram " + at + " of socket " + fd + " is another");
                        }
                    }
                }
                assertThat(at).isEqualTo(delivered.size());
                assertThat(lanes.get(i).isEmpty()).isTrue();
            }
            assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
        }
    }
}
