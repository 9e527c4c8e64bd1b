package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Relay sockets without an operating system. */
public final class FakeSockets implements RelaySockets {
    private final Set<ProtocolFamily> families = new HashSet<>(Set.of(StandardProtocolFamily.INET));
    private final Set<Integer> portsOfOthers = new HashSet<>();
    private final Set<Integer> held = new HashSet<>();
    private final List<Socket> open = new ArrayList<>();
    private final List<Listener> listening = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    private boolean refusing;
    private boolean full;
    private boolean canSetDontFragment;
    private boolean dontFragmentStuck;

    /** A datagram that left for a peer. */
    public record Sent(InetSocketAddress from, InetSocketAddress to, byte[] payload, boolean dontFragment) {}

    public void relayIpv6() {
        families.add(StandardProtocolFamily.INET6);
    }

    public void relayOnlyIpv6() {
        families.clear();
        families.add(StandardProtocolFamily.INET6);
    }

    /** The operating system lets the DF bit be set. */
    public void offerDontFragment() {
        canSetDontFragment = true;
    }

    /** Queues that do not drain keep the DF bit from being changed. */
    public void stickDontFragment(boolean stuck) {
        dontFragmentStuck = stuck;
    }

    @Override
    public boolean canSetDontFragment() {
        return canSetDontFragment;
    }

    public void occupy(int port) {
        portsOfOthers.add(port);
    }

    /** The operating system refuses what is sent from now on. */
    public void refuse() {
        refusing = true;
    }

    public void fill(boolean isFull) {
        full = isFull;
    }

    public List<Socket> open() {
        return open;
    }

    public List<Sent> sent() {
        return sent;
    }

    @Override
    public boolean supports(ProtocolFamily family) {
        return families.contains(family);
    }

    @Override
    public Optional<RelaySocket> open(ProtocolFamily family, int host, int port, RelaySocket.Receiver receiver) {
        if (portsOfOthers.contains(port) || held.contains(port)) {
            return Optional.empty();
        }
        Socket socket = new Socket(address(name(family, host), port), receiver);
        open.add(socket);
        return Optional.of(socket);
    }

    @Override
    public Optional<RelayListener> listen(ProtocolFamily family, int host, int port, RelayListener.Receiver receiver) {
        if (portsOfOthers.contains(port)) {
            return Optional.empty();
        }
        Listener listener = new Listener(address(name(family, host), port), receiver);
        listening.add(listener);
        return Optional.of(listener);
    }

    /** Listening relay sockets. */
    public List<Listener> listening() {
        return listening;
    }

    /** Ports that are bound for a token. */
    public Set<Integer> held() {
        return held;
    }

    @Override
    public Optional<HeldPort> hold(ProtocolFamily family, int host, int port) {
        if (portsOfOthers.contains(port)) {
            return Optional.empty();
        }
        held.add(port);
        return Optional.of(() -> held.remove(port));
    }

    private static String name(ProtocolFamily family, int host) {
        return family == StandardProtocolFamily.INET6 ? "2001:4860::53" : "198.41.0." + (4 + host);
    }

    public static InetSocketAddress address(String host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(host)),
                    port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(host, e);
        }
    }

    /** One listening relay socket. */
    public final class Listener implements RelayListener {
        private final InetSocketAddress relayed;
        private final Receiver receiver;
        private final Map<InetSocketAddress, FakeStream> connecting = new LinkedHashMap<>();

        private Listener(InetSocketAddress relayed, Receiver receiver) {
            this.relayed = relayed;
            this.receiver = receiver;
        }

        /** Connections to peers that were begun, by peer. */
        public Map<InetSocketAddress, FakeStream> connecting() {
            return connecting;
        }

        /** A peer connects; its end of the connection, or null if it was closed at once. */
        public FakeStream connects(InetSocketAddress peer) {
            ByteStream.Receiver reader = receiver.connected(peer);
            if (reader == null) {
                return null;
            }
            FakeStream stream = new FakeStream(reader);
            stream.opens();
            return stream;
        }

        @Override
        public InetSocketAddress relayedAddress() {
            return relayed;
        }

        @Override
        public ByteStream connect(InetSocketAddress peer, ByteStream.Receiver toTell) {
            FakeStream stream = new FakeStream(toTell);
            connecting.put(peer, stream);
            return stream;
        }

        @Override
        public void close() {
            listening.remove(this);
        }
    }

    /** One relay socket. */
    public final class Socket implements RelaySocket {
        private final InetSocketAddress relayed;
        private final Receiver receiver;
        private boolean dontFragment;

        private Socket(InetSocketAddress relayed, Receiver receiver) {
            this.relayed = relayed;
            this.receiver = receiver;
        }

        /** A peer's datagram arrives. */
        public void receive(InetSocketAddress peer, byte[] payload) {
            ByteBuf buffer = Unpooled.wrappedBuffer(payload);
            AddressCursor source = new AddressCursor();
            source.set(peer);
            receiver.datagram(buffer, source);
            buffer.release();
        }

        /** The queue has drained. */
        public void drained() {
            receiver.writableAgain();
        }

        @Override
        public InetSocketAddress relayedAddress() {
            return relayed;
        }

        @Override
        public boolean isWritable() {
            return !full;
        }

        @Override
        public void send(ByteBuf message, int index, int length, Endpoint peer, int clientWireBytes,
                Delivery delivery) {
            byte[] bytes = ByteBufUtil.getBytes(message, index, length);
            if (refusing) {
                delivery.refused(clientWireBytes, bytes.length, DropReason.PEER_SEND_FAILED);
            } else {
                sent.add(new Sent(relayed, peer.socketAddress(), bytes, dontFragment));
                delivery.delivered(clientWireBytes, bytes.length);
            }
        }

        @Override
        public boolean dontFragment(boolean wanted) {
            if (dontFragmentStuck && wanted != dontFragment) {
                return false;
            }
            dontFragment = wanted;
            return true;
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }
}
