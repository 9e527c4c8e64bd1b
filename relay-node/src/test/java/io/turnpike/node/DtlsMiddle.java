package io.turnpike.node;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Stands between a client and the relay: sees, loses, repeats and forges. */
final class DtlsMiddle implements AutoCloseable {
    private final DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
    private final InetSocketAddress relay;
    private final List<byte[]> sentByClient = new ArrayList<>();
    private volatile InetSocketAddress client;
    private volatile int lost = -1;
    private int passed;

    DtlsMiddle(InetSocketAddress relay) throws IOException {
        this.relay = relay;
        Thread thread = new Thread(this::forward);
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** Loses the datagram with this number, counted in both directions from 1, and the one after it. */
    void lose(int number) {
        lost = number;
    }

    void toRelay(byte[] datagram) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length, relay));
    }

    List<byte[]> sentByClient() {
        synchronized (sentByClient) {
            return List.copyOf(sentByClient);
        }
    }

    private void forward() {
        byte[] buffer = new byte[65_536];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] datagram = Arrays.copyOf(buffer, packet.getLength());
                boolean fromRelay = packet.getSocketAddress().equals(relay);
                if (!fromRelay) {
                    client = (InetSocketAddress) packet.getSocketAddress();
                    synchronized (sentByClient) {
                        sentByClient.add(datagram);
                    }
                }
                passed++;
                if (passed != lost && passed != lost + 1) {
                    socket.send(new DatagramPacket(datagram, datagram.length, fromRelay ? client : relay));
                }
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
