package io.turnpike.system.differential;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's coturn with the settings that the relay has: realm, users, addresses, denied peers. */
final class Coturn implements AutoCloseable {
    static final Path PROGRAM = Path.of("/usr/bin/turnserver");
    private static final int ATTEMPTS = 300;

    private final Process process;
    private final InetSocketAddress address;

    private Coturn(Process process, InetSocketAddress address) {
        this.process = process;
        this.address = address;
    }

    /** Starts one and waits until it answers. */
    static Coturn start(Path folder, int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "-n", "--no-tls", "--no-dtls", "--no-cli",
                "--no-software-attribute", "--mobility", "--lt-cred-mech", "--realm=" + Conversation.REALM,
                "--allow-loopback-peers", "--no-multicast-peers", "--denied-peer-ip=10.0.0.0-10.255.255.255",
                "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--relay-ip=::1", "--listening-port=" + port,
                "--min-port=61000", "--max-port=61999", "--userdb=" + folder.resolve("turndb"),
                "--pidfile=" + folder.resolve("turnserver.pid"), "--log-file=stdout", "--simple-log"));
        for (Conversation.Credential user : List.of(Conversation.DEMO, Conversation.OTHER)) {
            command.add("--user=" + user.user() + ":" + user.password());
        }
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("coturn.log").toFile()).start();
        Coturn coturn = new Coturn(process, new InetSocketAddress(Conversation.LOOPBACK, port));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (Wire wire = Wire.udp(coturn.address)) {
                wire.send(StunBytes.of(Names.BINDING, new byte[12]).bytes());
                if (wire.receive(100) != null) {
                    return coturn;
                }
            } catch (java.net.PortUnreachableException e) {
                awaitALittle(process);
            }
        }
        coturn.close();
        throw new IllegalStateException("coturn does not answer; see " + folder.resolve("coturn.log"));
    }

    /** Nobody listens yet: the process is given a moment to begin, or is found to have ended. */
    private static void awaitALittle(Process process) {
        try {
            if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("coturn ended with " + process.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
