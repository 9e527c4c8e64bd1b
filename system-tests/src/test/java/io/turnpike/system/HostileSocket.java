package io.turnpike.system;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/**
 * A source of hostile datagrams that sends the next batch when the relay has read the last one: a Binding request behind
 * each batch tells. Its answer may be refused while the network's budget is spent, so it is asked for again.
 */
final class HostileSocket implements AutoCloseable {
    private static final int RETRY_MILLIS = 5;
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    private static final short BINDING_SUCCESS = 0x0101;

    private final byte[] buffer = new byte[2048];
    private final DatagramSocket socket;
    private long batches;

    /** Sends from an address of this machine to the relay. */
    HostileSocket(String source, InetSocketAddress relay) throws IOException {
        socket = new DatagramSocket(new InetSocketAddress(source, 0));
        socket.setSoTimeout(RETRY_MILLIS);
        socket.connect(relay);
    }

    void send(byte[] datagram) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length));
    }

    /** Returns when the relay has read everything that was sent before. */
    void awaitRead() throws IOException {
        byte[] request = ByteBuffer.allocate(20).putShort((short) 0x0001).putShort((short) 0).putInt(0x2112A442)
                .putInt(0x66656E63).putLong(batches++).array();
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() - until < 0) {
            send(request);
            if (isAnswered(request)) {
                return;
            }
        }
        throw new AssertionError("the relay stopped answering after batch " + batches);
    }

    private boolean isAnswered(byte[] request) throws IOException {
        try {
            while (true) {
                DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
                socket.receive(answer);
                boolean isSuccess = answer.getLength() >= 20 && ByteBuffer.wrap(buffer).getShort() == BINDING_SUCCESS;
                if (isSuccess && ByteBuffer.wrap(buffer, 8, 12).equals(ByteBuffer.wrap(request, 8, 12))) {
                    return true;
                }
            }
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
