package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A TURN server in a process of its own on the servers' core.
 *
 * @param name as the results call it
 * @param process the server itself
 * @param port on 127.0.0.1, UDP and TCP
 * @param tlsPort on 127.0.0.1
 * @param isJava whether a Java machine runs it
 */
record Server(String name, Process process, int port, int tlsPort, boolean isJava) implements AutoCloseable {
    private static final int ANSWER_MILLIS = 500;
    private static final int TRIES = 120;
    private static final int STOP_SECONDS = 20;
    private static final int SETTLE_SECONDS = 3;
    /** A Binding request (RFC 8489 section 5), of no attribute. */
    private static final byte[] BINDING = {0, 1, 0, 0, 0x21, 0x12, (byte) 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
        12};

    /** Starts a server and waits until it answers over UDP. */
    static Server start(String name, List<String> command, int port, int tlsPort, boolean isJava, Path log)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Cores.on(Cores.SERVER, command)).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        Server server = new Server(name, process, port, tlsPort, isJava);
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        if (!server.answers()) {
            server.close();
            throw new IOException(name + " does not answer on port " + port + "; its output is in " + log);
        }
        return server;
    }

    long pid() {
        return process.pid();
    }

    int port(Transport transport) {
        return transport.isTls() ? tlsPort : port;
    }

    /** Memory that is its own share, in bytes, without the garbage that its collector would give back by itself, sooner or later. */
    long settledMemoryBytes() throws IOException, InterruptedException {
        if (isJava) {
            new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid()),
                    "GC.run").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                    .waitFor();
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        }
        return Cores.memoryBytes(pid());
    }

    String user() {
        return "demo";
    }

    String password() {
        return "demo";
    }

    private boolean answers() throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(ANSWER_MILLIS);
            for (int attempt = 0; attempt < TRIES && process.isAlive(); attempt++) {
                socket.send(new DatagramPacket(BINDING, BINDING.length, InetAddress.getLoopbackAddress(), port));
                try {
                    socket.receive(new DatagramPacket(new byte[512], 512));
                    return true;
                } catch (SocketTimeoutException e) {
                    continue;
                }
            }
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
