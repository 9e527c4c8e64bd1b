package io.turnpike.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A TCP peer that sends every byte back, and ends its direction when the other side has ended: the far end of tests and
 * demos of TCP allocations (RFC 6062). One thread for each connection.
 */
public final class TcpEchoPeer implements AutoCloseable {

    private static final int BACKLOG = 128;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong echoedBytes = new AtomicLong();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<InetSocketAddress> sources = new LinkedBlockingQueue<>();
    private final ServerSocket listener;

    private TcpEchoPeer(ServerSocket listener) {
        this.listener = listener;
    }

    /**
     * Listens and serves on daemon threads; port 0 takes a free one.
     *
     * @throws IllegalStateException
     *             if the address cannot be bound
     */
    public static TcpEchoPeer start(InetSocketAddress address) {
        try {
            TcpEchoPeer peer = new TcpEchoPeer(new ServerSocket(address.getPort(), BACKLOG, address.getAddress()));
            start("tcp-echo-peer", peer::accept);
            return peer;
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /** The address that the next connection came from; null if none comes in time. */
    public InetSocketAddress nextSource(long timeout, TimeUnit unit) throws InterruptedException {
        return sources.poll(timeout, unit);
    }

    /** Connects to an address and echoes there. */
    public void connectTo(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address);
        serve(socket);
    }

    /** Bytes that came, on all connections. */
    public long receivedBytes() {
        return receivedBytes.get();
    }

    /** Bytes that went back. */
    public long echoedBytes() {
        return echoedBytes.get();
    }

    /** Connections that are open. */
    public int connections() {
        return open.size();
    }

    /** Resets all connections. */
    public void resetAll() throws IOException {
        for (Socket socket : open) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sources.add((InetSocketAddress) socket.getRemoteSocketAddress());
                serve(socket);
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket socket) {
        open.add(socket);
        start("tcp-echo-" + socket.getPort(), () -> echo(socket));
    }

    private void echo(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                receivedBytes.addAndGet(count);
                out.write(buffer, 0, count);
                echoedBytes.addAndGet(count);
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            // a connection that breaks is the end of its echo and nobody's fault
        } finally {
            open.remove(socket);
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
