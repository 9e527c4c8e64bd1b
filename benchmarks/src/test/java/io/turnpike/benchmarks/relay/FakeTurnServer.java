package io.turnpike.benchmarks.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.Realm;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorRelayedAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;

/** A TURN server over UDP for one client, which believes every request, and errs in one way if told so. */
final class FakeTurnServer implements AutoCloseable {
    private static final int CHANNEL = 0x4000;
    private static final int ROOM = 2048;

    private final DatagramSocket toClient;
    private final DatagramSocket toPeer;
    private final Fault fault;
    private final Process process;
    private volatile InetSocketAddress client;
    private volatile InetSocketAddress peer;

    /** What it does wrong. */
    enum Fault {
        NONE, SILENT, REFUSES, CHANGES_A_BYTE, LOSES_EVERY_THIRD
    }

    FakeTurnServer(Fault fault) throws IOException {
        this.fault = fault;
        toClient = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        toPeer = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        process = new ProcessBuilder("sleep", "120").start(); // whose CPU time is read
        start("fake-clients", toClient, this::fromClient);
        start("fake-peers", toPeer, this::fromPeer);
    }

    Server server() {
        return new Server("fake", process, toClient.getLocalPort(), 0, false);
    }

    private interface Reader {
        void take(ByteBuf message, InetSocketAddress from, long number) throws IOException;
    }

    private static void start(String name, DatagramSocket socket, Reader reader) {
        Thread thread = new Thread(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[ROOM], ROOM);
            for (long number = 0; !socket.isClosed(); number++) {
                try {
                    packet.setLength(ROOM);
                    socket.receive(packet);
                    reader.take(Unpooled.copiedBuffer(packet.getData(), 0, packet.getLength()),
                            (InetSocketAddress) packet.getSocketAddress(), number);
                } catch (SocketException e) {
                    // closed, or the generator has gone
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void fromClient(ByteBuf message, InetSocketAddress from, long number) throws IOException {
        ChannelData data = new ChannelData();
        StunFrame frame = new StunFrame();
        if (fault == Fault.SILENT) {
            return;
        }
        if (data.wrap(message) == Malformed.NONE && peer != null) {
            if (fault == Fault.CHANGES_A_BYTE && number % 100 == 99) {
                message.setByte(data.dataIndex() + data.dataBytes() / 2, 0);
            }
            if (fault != Fault.LOSES_EVERY_THIRD || number % 3 != 0) {
                send(toPeer, message.slice(data.dataIndex(), data.dataBytes()), peer);
            }
        } else if (frame.wrap(message) == Malformed.NONE) {
            client = from;
            send(toClient, answer(frame), from);
        }
    }

    private void fromPeer(ByteBuf payload, InetSocketAddress from, long number) throws IOException {
        ByteBuf message = Unpooled.buffer();
        ChannelData.write(message, CHANNEL, payload, false);
        send(toClient, message, client);
    }

    private ByteBuf answer(StunFrame request) {
        ByteBuf out = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder();
        if (!request.hasIntegrity()) {
            builder.respondError(out, request, ErrorCode.UNAUTHENTICATED).add(new Realm("turnpike"))
                    .add(new Nonce("nonce"));
        } else if (request.method() == StunMethod.ALLOCATE && fault == Fault.REFUSES) {
            builder.respondError(out, request, ErrorCode.ALLOCATION_QUOTA_REACHED);
        } else {
            if (request.method() == StunMethod.CHANNEL_BIND) {
                peer = request.peerAddress();
            }
            builder.respond(out, request, StunClass.SUCCESS_RESPONSE).add(new Lifetime(600));
            if (request.method() == StunMethod.ALLOCATE) {
                builder.add(new XorRelayedAddress((InetSocketAddress) toPeer.getLocalSocketAddress()));
            }
        }
        return out;
    }

    private static void send(DatagramSocket socket, ByteBuf message, InetSocketAddress to) throws IOException {
        byte[] bytes = ByteBufUtil.getBytes(message);
        socket.send(new DatagramPacket(bytes, bytes.length, to));
    }

    @Override
    public void close() {
        toClient.close();
        toPeer.close();
        process.destroy();
    }
}
