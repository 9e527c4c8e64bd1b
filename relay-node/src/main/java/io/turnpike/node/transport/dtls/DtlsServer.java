package io.turnpike.node.transport.dtls;

import io.turnpike.node.config.DtlsConfig;
import io.turnpike.node.transport.tls.Certificates;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;

/** What the DTLS associations of a node share: certificates, ciphers, the threads of their handshakes. Thread-safe. */
public final class DtlsServer implements AutoCloseable {
    private final SecureRandom random = new SecureRandom();
    private final GuardedCrypto crypto = new GuardedCrypto(random);
    private final Certificates certificates;
    private final Duration handshakeTimeout;
    private final HandshakeThreads threads;

    /**
     * Starts nothing yet.
     *
     * @param certificates asked at each handshake
     * @param config bounds of handshakes
     * @param handshakeTimeout from the cookie to the end of the handshake
     * @param name prefix of thread names
     */
    public DtlsServer(Certificates certificates, DtlsConfig config, Duration handshakeTimeout, String name) {
        this.certificates = certificates;
        this.handshakeTimeout = handshakeTimeout;
        int computing = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        threads = new HandshakeThreads(name, config.maxHandshakes(), config.maxHandshakesPerNetwork(), computing);
    }

    /** Meets new clients on one event loop. */
    public HelloDesk desk(LongSupplier nanoClock) {
        return new HelloDesk(this, new HelloCookies(nanoClock, random));
    }

    /** Handshakes in progress. */
    public int handshakes() {
        return threads.size();
    }

    ServerPeer peer() {
        return new ServerPeer(crypto, certificates, handshakeTimeout);
    }

    HandshakeThreads threads() {
        return threads;
    }

    /** Gives up the handshakes in progress. */
    @Override
    public void close() {
        threads.close();
    }
}
