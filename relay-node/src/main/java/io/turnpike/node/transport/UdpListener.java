package io.turnpike.node.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.UnixChannelOption;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.PacketKind;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Receives clients' datagrams and gives each flow to the event loop that owns it, always the same one. */
public final class UdpListener {
    private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);
    private static final int RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
    private static final int MAX_HANDED_OVER = 4096;

    private UdpListener() {}

    /**
     * Opens a UDP listener.
     *
     * @param loops the node's loops
     * @param address where to listen
     * @param inbounds what each loop does with messages, by loop index
     * @param dtls what DTLS needs, if the listener speaks it
     */
    public static Listener open(RelayLoops loops, ListenerAddress address, List<ClientMessages> inbounds,
            Optional<DtlsListening> dtls) {
        return open(loops, address, inbounds, Optional.empty(), dtls);
    }

    /**
     * Opens a UDP listener that may be one of the four of NAT behaviour discovery.
     *
     * @param loops the node's loops
     * @param address where to listen
     * @param inbounds what each loop does with messages, by loop index
     * @param place its place among the four
     */
    public static Listener open(RelayLoops loops, ListenerAddress address, List<ClientMessages> inbounds,
            DiscoverySockets.Place place) {
        return open(loops, address, inbounds, Optional.of(place), Optional.empty());
    }

    private static Listener open(RelayLoops loops, ListenerAddress address, List<ClientMessages> inbounds,
            Optional<DiscoverySockets.Place> place, Optional<DtlsListening> dtls) {
        boolean shared = loops.engine().sharesPorts();
        return Listener.open(loops, address, (loop, bindAddress) -> {
            List<RelayLoop> owners = shared ? List.of(loop) : loops.all();
            Bootstrap bootstrap = new Bootstrap().group(loop.eventLoop())
                    .channelFactory(() -> loops.engine().datagramChannel(bindAddress.getAddress()))
                    .option(ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(UdpRelaySockets.DATAGRAM_BUFFER_BYTES))
                    .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
                    .option(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE)
                    .option(ChannelOption.IP_TOS, loops.trafficClass())
                    .handler(new Handler(loop, owners, inbounds, address, place, dtls));
            if (shared) {
                bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
            }
            return bootstrap.bind(bindAddress);
        });
    }

    private static final class Handler extends ChannelDuplexHandler {
        private final RelayLoop home;
        private final List<RelayLoop> owners;
        private final List<ClientMessages> inbounds;
        private final ListenerAddress address;
        private final Optional<DiscoverySockets.Place> place;
        private final Optional<DtlsListening> dtls;
        private Flows[] flows = {};

        Handler(RelayLoop home, List<RelayLoop> owners, List<ClientMessages> inbounds, ListenerAddress address,
                Optional<DiscoverySockets.Place> place, Optional<DtlsListening> dtls) {
            this.home = home;
            this.owners = owners;
            this.inbounds = inbounds;
            this.address = address;
            this.place = place;
            this.dtls = dtls;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            InetSocketAddress server = (InetSocketAddress) ctx.channel().localAddress();
            flows = new Flows[owners.size()];
            for (int i = 0; i < flows.length; i++) {
                RelayLoop owner = owners.get(i);
                Outlet outlet = owner.outlet(ctx.channel());
                place.ifPresent(one -> one.join(outlet, server));
                flows[i] = new Flows(owner, inbounds.get(owner.index()), outlet, server, address, dtls);
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            try {
                InetSocketAddress client = packet.sender();
                Flows flow = flows.length == 1
                        ? flows[0]
                        : flows[Math.floorMod(spread(client.hashCode()), flows.length)];
                if (flow.owner == home) {
                    flow.receive(packet.content(), client);
                } else if (!flow.handOver(packet.content(), client)) {
                    inbounds.get(home.index()).drop(DropReason.LOOP_BUSY);
                }
            } finally {
                packet.release();
            }
        }

        /** DTLS clients are told before the socket is gone. */
        @Override
        public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
            AtomicInteger busy = new AtomicInteger(flows.length);
            if (flows.length == 0) {
                ctx.close(promise);
            }
            for (Flows flow : flows) {
                Runnable leave = () -> {
                    flow.close();
                    if (busy.decrementAndGet() == 0) {
                        ctx.close(promise);
                    }
                };
                if (flow.owner == home) {
                    leave.run();
                } else {
                    flow.owner.execute(leave);
                }
            }
        }

        /** Neighbouring addresses and ports differ in the low bits only, in step with each other. */
        private static int spread(int hash) {
            int mixed = hash * 0x9E3779B9;
            return mixed ^ mixed >>> 16;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            home.errors().unexpected("udp listener", ctx.channel(), cause);
        }
    }

    /** The flows of one listener that one loop owns. */
    private static final class Flows {
        private final RelayLoop owner;
        private final ClientMessages messages;
        private final Outlet outlet;
        private final InetSocketAddress server;
        private final Optional<String> tenant;
        private final boolean plain;
        private final DtlsAssociations dtls;
        private final AtomicInteger handedOver = new AtomicInteger();

        Flows(RelayLoop owner, ClientMessages messages, Outlet outlet, InetSocketAddress server,
                ListenerAddress address, Optional<DtlsListening> dtls) {
            this.owner = owner;
            this.messages = messages;
            this.outlet = outlet;
            this.server = server;
            this.tenant = address.tenant();
            this.plain = address.transport() != ListenerTransport.DTLS;
            this.dtls = dtls
                    .map(shared -> new DtlsAssociations(owner, messages, outlet, server, address.tenant(), shared))
                    .orElse(null);
        }

        void receive(ByteBuf datagram, InetSocketAddress client) {
            // RFC 7983 section 7: the first byte tells DTLS from STUN and ChannelData.
            if (dtls != null && PacketKind.fromClient(datagram) == PacketKind.DTLS) {
                dtls.receive(datagram, client);
            } else if (plain) {
                messages.datagram(datagram, client, server, outlet, tenant);
            } else {
                messages.drop(DropReason.UNKNOWN_PROTOCOL);
            }
        }

        void close() {
            if (dtls != null) {
                dtls.close();
            }
        }

        boolean handOver(ByteBuf datagram, InetSocketAddress client) {
            if (handedOver.incrementAndGet() > MAX_HANDED_OVER) {
                handedOver.decrementAndGet();
                return false;
            }
            // A copy of the right size: the receive buffer is as large as the largest datagram.
            ByteBuf copy = datagram.alloc().buffer(datagram.readableBytes()).writeBytes(datagram);
            owner.execute(() -> {
                try {
                    receive(copy, client);
                } finally {
                    copy.release();
                    handedOver.decrementAndGet();
                }
            });
            return true;
        }
    }
}
