package io.turnpike.system.differential;

import io.turnpike.quickstart.Loopback;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A client's leg to a server: bytes out, whole messages in. */
interface Wire extends AutoCloseable {
    void send(byte[] bytes) throws IOException;

    /**
     * The next message, null if none comes in time.
     *
     * @throws EOFException if the server closed the connection
     */
    byte[] receive(int millis) throws IOException;

    InetSocketAddress localAddress();

    boolean isStream();

    @Override
    void close() throws IOException;

    /** Datagrams from a port that no conversation had before: a server may still have an allocation of that one. */
    static Wire udp(InetSocketAddress server) throws IOException {
        DatagramSocket socket = new DatagramSocket(
                new InetSocketAddress(Conversation.LOOPBACK, Loopback.freePort()));
        socket.connect(server);
        return new Wire() {
            @Override
            public void send(byte[] bytes) throws IOException {
                socket.send(new DatagramPacket(bytes, bytes.length));
            }

            @Override
            public byte[] receive(int millis) throws IOException {
                return Wire.receive(socket, millis);
            }

            @Override
            public InetSocketAddress localAddress() {
                return (InetSocketAddress) socket.getLocalSocketAddress();
            }

            @Override
            public boolean isStream() {
                return false;
            }

            @Override
            public void close() {
                socket.close();
            }
        };
    }

    /** A connection, whose bytes are cut into messages as RFC 8656 section 12.5 says. */
    static Wire tcp(InetSocketAddress server) throws IOException {
        Socket socket = new Socket(server.getAddress(), server.getPort());
        socket.setTcpNoDelay(true);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        return new Wire() {
            @Override
            public void send(byte[] bytes) throws IOException {
                socket.getOutputStream().write(bytes);
            }

            @Override
            public byte[] receive(int millis) throws IOException {
                byte[] header = new byte[4];
                socket.setSoTimeout(Math.max(1, millis));
                try {
                    int first = in.read();
                    if (first < 0) {
                        throw new EOFException("closed by the server");
                    }
                    header[0] = (byte) first;
                } catch (SocketTimeoutException e) {
                    return null;
                } catch (SocketException e) {
                    throw new EOFException("reset by the server");
                }
                socket.setSoTimeout(10_000);
                in.readFully(header, 1, 3);
                int length = ByteBuffer.wrap(header).getShort(2) & 0xFFFF;
                boolean isChannelData = (header[0] & 0xC0) == 0x40;
                byte[] message = Arrays.copyOf(header, isChannelData ? 4 + (length + 3 & ~3) : 20 + length);
                in.readFully(message, 4, message.length - 4);
                return message;
            }

            @Override
            public InetSocketAddress localAddress() {
                return (InetSocketAddress) socket.getLocalSocketAddress();
            }

            @Override
            public boolean isStream() {
                return true;
            }

            @Override
            public void close() throws IOException {
                socket.close();
            }
        };
    }

    /** The next datagram of a socket, null if none comes in time. */
    static byte[] receive(DatagramSocket socket, int millis) throws IOException {
        socket.setSoTimeout(Math.max(1, millis));
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        try {
            socket.receive(packet);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        } catch (SocketTimeoutException e) {
            return null;
        }
    }
}
