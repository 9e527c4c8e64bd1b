package io.turnpike.node.transport.tls;

import io.netty.channel.ChannelHandler;
import io.turnpike.node.config.TlsConfig;
import io.turnpike.node.transport.NetworkCap;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS of a node: the contexts, the certificates that are read again while it runs, and the bounds. Thread-safe. */
public final class TlsService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsService.class);

    private final Certificates certificates;
    private final TlsContexts contexts;
    private final Function<String, Optional<String>> tenantOfServerName;
    private final Duration handshakeTimeout;
    private final NetworkCap handshakes;
    private final ScheduledExecutorService reloader;

    /**
     * Starts to watch the certificates.
     *
     * @param config the bounds and the provider
     * @param certificates what clients are shown
     * @param tenantOfServerName the tenant that a server name selects, asked in lower case
     * @throws InvalidCertificateException if the TLS library refuses a certificate
     */
    public TlsService(TlsConfig config, Certificates certificates,
            Function<String, Optional<String>> tenantOfServerName) throws InvalidCertificateException {
        this.certificates = certificates;
        this.tenantOfServerName = tenantOfServerName;
        handshakeTimeout = config.handshakeTimeout();
        handshakes = new NetworkCap(config.maxHandshakes(), config.maxHandshakesPerNetwork());
        var provider = TlsProviders.choose(config.provider());
        contexts = new TlsContexts(provider, certificates, handshakeTimeout);
        reloader = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "tls-reload");
            thread.setDaemon(true);
            return thread;
        });
        long millis = config.reloadInterval().toMillis();
        reloader.scheduleWithFixedDelay(this::reload, millis, millis, TimeUnit.MILLISECONDS);
        LOG.info("tls ready provider={} certificate=\"{}\"", provider, certificates.current());
    }

    private void reload() {
        try {
            certificates.reload();
        } catch (RuntimeException e) {
            LOG.error("certificates cannot be reloaded", e);
        }
    }

    /** What clients are shown. */
    public Certificates certificates() {
        return certificates;
    }

    /** Handshakes that are under way. */
    public NetworkCap handshakes() {
        return handshakes;
    }

    /** From the accepted connection to the end of its handshake. */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /**
     * Begins TLS on a connection: the handler waits for the ClientHello and then puts Netty's TLS handler in its place.
     *
     * @param admission asked once, when the hello is there; the connection is closed if it says no
     */
    public ChannelHandler newHandler(Predicate<ClientHello> admission) {
        return new ClientHelloHandler(contexts, admission);
    }

    /** The tenant that the client's server name selects. */
    public Optional<String> tenantOf(ClientHello hello) {
        return hello.serverName().map(name -> name.toLowerCase(Locale.ROOT)).flatMap(tenantOfServerName);
    }

    @Override
    public void close() {
        reloader.shutdownNow();
        contexts.close();
    }
}
