package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.PacketKind;
import io.turnpike.stun.TransportAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Receives clients' datagrams and gives each flow to the event loop that owns it, always the same one. */
public final class UdpListener {
    private static final int QUEUE_BYTES = 1024 * 1024;
    private static final int RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
    private static final int MAX_HANDED_OVER = 4096;

    private final RelayLoop home;
    private final List<RelayLoop> owners;
    private final List<ClientMessages> inbounds;
    private UdpSocket socket;
    private Flows[] flows = {};

    private UdpListener(RelayLoop home, List<RelayLoop> owners, List<ClientMessages> inbounds) {
        this.home = home;
        this.owners = owners;
        this.inbounds = inbounds;
    }

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
        UdpSocket.Options options = new UdpSocket.Options(RECEIVE_BUFFER_BYTES, QUEUE_BYTES, shared,
                loops.trafficClass(), false);
        return Listener.open(loops, address, (loop, bindAddress) -> {
            UdpListener listener = new UdpListener(loop, shared ? List.of(loop) : loops.all(), inbounds);
            return CompletableFuture.supplyAsync(() -> {
                listener.listen(loops.engine(), bindAddress, options, address, place, dtls);
                return listener.binding();
            }, loop);
        });
    }

    private void listen(SocketEngine engine, InetSocketAddress bindAddress, UdpSocket.Options options,
            ListenerAddress address, Optional<DiscoverySockets.Place> place, Optional<DtlsListening> dtls) {
        try {
            socket = engine.udpSocket(home, bindAddress, options, this::receive);
        } catch (IOException e) {
            throw new ListenerBindException(address, e);
        }
        Flows[] opened = new Flows[owners.size()];
        for (int i = 0; i < opened.length; i++) {
            RelayLoop owner = owners.get(i);
            opened[i] = new Flows(inbounds.get(owner.index()), socket.on(owner), address, place, dtls);
        }
        flows = opened;
    }

    private void receive(ByteBuf datagram, AddressCursor client) {
        Flows flow = flows.length == 1
                ? flows[0]
                : flows[Math.floorMod(spread(client), flows.length)];
        if (flow.owner() == home) {
            flow.receive(datagram, client);
        } else if (!flow.handOver(datagram, client)) {
            inbounds.get(home.index()).drop(DropReason.LOOP_BUSY);
        }
    }

    /** Neighbouring addresses and ports differ in the low bits only, in step with each other. */
    private static int spread(AddressCursor client) {
        int mixed = (Long.hashCode(client.high() ^ client.low()) + client.port()) * 0x9E3779B9;
        return mixed ^ mixed >>> 16;
    }

    private Listener.Binding binding() {
        return new Listener.Binding(socket.localAddress(), this::close);
    }

    /** DTLS clients are told before the socket is gone. */
    private CompletableFuture<Void> close() {
        List<CompletableFuture<Void>> left = new ArrayList<>();
        for (Flows flow : flows) {
            left.add(CompletableFuture.runAsync(flow::close, flow.owner()));
        }
        return CompletableFuture.allOf(left.toArray(CompletableFuture<?>[]::new)).thenRunAsync(socket::close, home);
    }

    /** The flows of one listener that one loop owns. */
    private static final class Flows {
        private final ClientMessages messages;
        private final ClientMessages.Place place;
        private final boolean plain;
        private final DtlsAssociations dtls;
        private final AtomicInteger handedOver = new AtomicInteger();

        Flows(ClientMessages messages, UdpSocket socket, ListenerAddress address,
                Optional<DiscoverySockets.Place> discovery, Optional<DtlsListening> dtls) {
            this.messages = messages;
            InetSocketAddress server = socket.localAddress();
            discovery.ifPresent(one -> one.join(socket, server));
            place = new ClientMessages.Place(socket, discovery, address.tenant());
            plain = address.transport() != ListenerTransport.DTLS;
            this.dtls = dtls
                    .map(shared -> new DtlsAssociations(messages, socket, server, address.tenant(), shared))
                    .orElse(null);
        }

        RelayLoop owner() {
            return place.loop();
        }

        void receive(ByteBuf datagram, AddressCursor client) {
            // RFC 7983 section 7: the first byte tells DTLS from STUN and ChannelData.
            if (dtls != null && PacketKind.fromClient(datagram) == PacketKind.DTLS) {
                dtls.receive(datagram, client.toAddress());
            } else if (plain) {
                messages.datagram(datagram, client, place);
            } else {
                messages.drop(DropReason.UNKNOWN_PROTOCOL);
            }
        }

        void close() {
            if (dtls != null) {
                dtls.close();
            }
        }

        boolean handOver(ByteBuf datagram, AddressCursor client) {
            if (handedOver.incrementAndGet() > MAX_HANDED_OVER) {
                handedOver.decrementAndGet();
                return false;
            }
            // A copy of the right size: the receive buffer is as large as the largest datagram.
            ByteBuf copy = owner().buffers().buffer(datagram.readableBytes()).writeBytes(datagram);
            TransportAddress from = client.toAddress();
            owner().execute(() -> {
                try {
                    AddressCursor source = new AddressCursor();
                    source.set(from);
                    receive(copy, source);
                } finally {
                    copy.release();
                    handedOver.decrementAndGet();
                }
            });
            return true;
        }
    }
}
