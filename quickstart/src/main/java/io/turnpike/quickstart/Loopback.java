package io.turnpike.quickstart;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;

/** Ports of the loopback addresses: which are free, and which somebody else holds. */
public final class Loopback {
    private static final int ATTEMPTS = 100;

    private Loopback() {}

    /** A port that is free for TCP and UDP on 127.0.0.1 at this moment; another process may still take it. */
    public static int freePort() throws IOException {
        InetAddress ipv4 = InetAddress.getByName("127.0.0.1");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port;
            try (ServerSocket tcp = new ServerSocket(0, 1, ipv4)) {
                port = tcp.getLocalPort();
            }
            if (udpIsFree(ipv4, port)) {
                return port;
            }
        }
        throw new IOException("no port is free on 127.0.0.1");
    }

    /** Whether a TCP listener can be bound there. */
    public static boolean tcpIsFree(InetAddress address, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether a UDP socket can be bound there. */
    public static boolean udpIsFree(InetAddress address, int port) {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.bind(new InetSocketAddress(address, port));
            return true;
        } catch (SocketException e) {
            return false;
        }
    }
}
