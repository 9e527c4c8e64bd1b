package io.turnpike.system;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that connect and never become anything, in a process of their own: each process has file descriptors for its
 * own half of ten thousand connections. Driven by lines: {@code drip} sends a byte more on each, {@code open} tells how
 * many the relay has not closed.
 */
final class HalfOpenClients implements AutoCloseable {
    /** What they send before they fall silent. */
    enum Kind {
        /** Nothing. */
        SILENT(""),
        /** The header of an Allocate request that announces 56 bytes more. */
        HALF_REQUEST("000300382112a442000102030405060708090a0b"),
        /** A TLS record that announces 512 bytes, with the beginning of a ClientHello in it. */
        HALF_HELLO("160301020001 0001fc0303".replace(" ", ""));

        private final byte[] bytes;

        Kind(String hex) {
            bytes = new byte[hex.length() / 2];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
            }
        }
    }

    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    private HalfOpenClients(Process process) {
        this.process = process;
        commands = new PrintStream(process.getOutputStream(), true);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream()));
    }

    /**
     * Connects them all, and returns when each has sent what it sends.
     *
     * @param networks how many networks they come from: 127.1.0.0/24, 127.1.1.0/24 ...
     */
    static HalfOpenClients connect(InetSocketAddress relay, Kind kind, int clients, int networks) throws IOException {
        Process process = new ProcessBuilder(System.getProperty("java.home") + File.separator + "bin/java", "-Xmx256m",
                "-cp", System.getProperty("java.class.path"), HalfOpenClients.class.getName(),
                Integer.toString(relay.getPort()), kind.name(), Integer.toString(clients), Integer.toString(networks))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        HalfOpenClients connected = new HalfOpenClients(process);
        String answer = connected.answers.readLine();
        if (!"connected".equals(answer)) {
            connected.close();
            throw new IOException("the clients did not connect; they need " + clients
                    + " file descriptors (ulimit -n): " + answer);
        }
        return connected;
    }

    /** Sends one byte more on every connection that is open. */
    void drip() {
        ask("drip");
    }

    /** How many connections the relay has not closed. */
    int open() {
        return Integer.parseInt(ask("open"));
    }

    private String ask(String command) {
        try {
            commands.println(command);
            return answers.readLine();
        } catch (IOException e) {
            throw new IllegalStateException("the clients are gone", e);
        }
    }

    @Override
    public void close() {
        commands.close();
        process.destroy();
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress relay = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
        Crowd crowd = new Crowd();
        crowd.connect(relay, Kind.valueOf(arguments[1]), Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]));
        System.out.println("connected");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            if (command.equals("drip")) {
                crowd.drip();
            }
            System.out.println(crowd.open());
        }
    }

    /** The connections, on the process's main thread. */
    private static final class Crowd {
        private final List<SocketChannel> connections = new ArrayList<>();
        private final Selector closings = Selector.open();
        private final ByteBuffer rest = ByteBuffer.allocate(4096);

        Crowd() throws IOException {}

        void connect(InetSocketAddress relay, Kind kind, int clients, int networks) throws IOException {
            for (int i = 0; i < clients; i++) {
                SocketChannel connection = SocketChannel.open();
                // Many addresses, few ports: no ephemeral port runs out.
                connection.bind(new InetSocketAddress("127.1." + i % networks + "." + (1 + i / networks % 250), 0));
                connection.setOption(StandardSocketOptions.SO_SNDBUF, 4096);
                connection.connect(relay);
                connections.add(connection);
                write(connection, kind.bytes);
                connection.configureBlocking(false);
                connection.register(closings, SelectionKey.OP_READ);
            }
        }

        void drip() throws IOException {
            for (SocketChannel connection : connections) {
                if (connection.isOpen()) {
                    write(connection, new byte[1]);
                }
            }
        }

        int open() throws IOException {
            closings.selectNow(key -> {
                try {
                    rest.clear();
                    if (((SocketChannel) key.channel()).read(rest) < 0) {
                        key.channel().close();
                    }
                } catch (IOException reset) {
                    close((SocketChannel) key.channel());
                }
            });
            return (int) connections.stream().filter(SocketChannel::isOpen).count();
        }

        private static void write(SocketChannel connection, byte[] bytes) {
            try {
                connection.write(ByteBuffer.wrap(bytes));
            } catch (IOException closedByTheRelay) {
                close(connection);
            }
        }

        private static void close(SocketChannel connection) {
            try {
                connection.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
