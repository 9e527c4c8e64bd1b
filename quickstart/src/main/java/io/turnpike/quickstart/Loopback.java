package io.turnpike.quickstart;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports of the loopback addresses: which are free, and which somebody else holds. */
public final class Loopback {
    /** Above the ports of well-known services, below those that Linux gives to outgoing connections by itself. */
    private static final int FIRST = 20_000;
    private static final int COUNT = 12_000;
    /** No divisor in common with the count; it leaves room for those who take the next few ports as well. */
    private static final int STRIDE = 37;

    /** Each port is offered once before any is offered again: between the question and the bind, nothing holds it. */
    private static final AtomicInteger NEXT = new AtomicInteger(new SecureRandom().nextInt(COUNT));

    private Loopback() {}

    /** A port that is free for TCP and UDP on 127.0.0.1 at this moment; another process may still take it. */
    public static int freePort() throws IOException {
        InetAddress ipv4 = InetAddress.getByName("127.0.0.1");
        for (int attempt = 0; attempt < COUNT; attempt++) {
            int port = FIRST + Math.floorMod(NEXT.getAndAdd(STRIDE), COUNT);
            if (tcpIsFree(ipv4, port) && udpIsFree(ipv4, port)) {
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
