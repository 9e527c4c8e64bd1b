package io.turnpike.system;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * TCP connections from one port of loopback to another, which can be cut as a network is: nobody is refused and nothing
 * arrives. Once the link is whole again, what was sent meanwhile arrives late. Thread-safe.
 */
final class CuttableLink implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ServerSocket listener;
    private final int targetPort;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private boolean cut;
    private volatile boolean closed;

    /** Listens on a free port; the target need not be there yet. */
    CuttableLink(int targetPort) throws IOException {
        this.targetPort = targetPort;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        begin("link", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    synchronized void cut() {
        cut = true;
    }

    synchronized void mend() {
        cut = false;
        notifyAll();
    }

    private synchronized void awaitWhole() throws InterruptedException {
        while (cut) {
            wait();
        }
    }

    private void accept() throws IOException {
        while (!closed) {
            Socket client = listener.accept();
            keep(client);
            begin("link-from-client", () -> forward(client));
        }
    }

    private void forward(Socket client) throws IOException, InterruptedException {
        awaitWhole();
        try (client; Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort)) {
            keep(target);
            begin("link-to-client", () -> pump(target, client));
            pump(client, target);
        }
    }

    private void pump(Socket from, Socket to) throws IOException, InterruptedException {
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int bytes = in.read(buffer); bytes >= 0; bytes = in.read(buffer)) {
                awaitWhole();
                out.write(buffer, 0, bytes);
            }
            awaitWhole();
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void keep(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        if (closed) {
            socket.close();
        }
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private static void begin(String name, Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // one end is gone, or the target is not there: so is the connection
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closed = true;
        mend();
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
