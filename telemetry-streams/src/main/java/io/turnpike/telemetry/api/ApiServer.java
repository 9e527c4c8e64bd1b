package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.common.util.BlockingTaskExecutor;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;

/**
 * The HTTP server: every route of {@link Routes}, and the dashboard at {@code /}. Open requests are finished before it
 * closes.
 */
public final class ApiServer implements AutoCloseable {
    /** Longest body that is read. */
    static final int MAX_BODY_BYTES = 64 * 1024;

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);
    /** Handlers may block on stores and on the ledger's decisions; more than these wait their turn. */
    private static final int REQUEST_THREADS = 32;
    private static final Duration QUIET_PERIOD = Duration.ofMillis(100);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Server server;
    private final String host;

    private ApiServer(Server server, String host) {
        this.server = server;
        this.host = host;
    }

    /**
     * Starts to serve.
     *
     * @throws IOException if the address cannot be listened on; the message names it
     */
    public static ApiServer start(ApiConfig config, ApiSources sources) throws IOException {
        ApiMeters meters = new ApiMeters(sources.meters());
        Authentication authentication = new Authentication(config.tokens(), config.anonymousReadOnLoopback());
        Cursors cursors = Cursors.with(config.secretSeal());
        ServerBuilder builder = Server.builder().http(new InetSocketAddress(config.host(), config.port()))
                .maxRequestLength(MAX_BODY_BYTES).requestTimeout(REQUEST_TIMEOUT)
                .gracefulShutdownTimeout(QUIET_PERIOD, CLOSE_TIMEOUT).disableServerHeader()
                .blockingTaskExecutor(BlockingTaskExecutor.builder().threadNamePrefix("api").numThreads(REQUEST_THREADS)
                        .build(), true)
                .meterRegistry(NoopMeterRegistry.get()).errorHandler(new ApiErrors(meters))
                .decorator(DashboardFiles::hardened);
        PromptLoops.use(builder);
        for (Route route : Routes.of(config, sources)) {
            builder.route().methods(methods(route)).path(route.path())
                    .build(new RouteService(route, authentication, meters, sources.clock(), cursors));
        }
        builder.service(sources.peers());
        DashboardFiles.serve(builder);
        Server server = builder.build();
        try {
            server.start().join();
        } catch (CompletionException e) {
            server.close();
            throw new IOException("cannot listen on http " + config.host() + ":" + config.port() + ": "
                    + e.getCause().getMessage(), e.getCause());
        }
        return new ApiServer(server, config.host());
    }

    /** What can be read can also be asked for without its content. */
    private static Set<HttpMethod> methods(Route route) {
        return route.method() == HttpMethod.GET ? Set.of(HttpMethod.GET, HttpMethod.HEAD) : Set.of(route.method());
    }

    /** The port that is listened on. */
    public int port() {
        return server.activeLocalPort();
    }

    /** The base URI, ending in a slash. */
    public URI uri() {
        return URI.create("http://" + (host.contains(":") ? '[' + host + ']' : host) + ':' + port() + '/');
    }

    /** Finishes open requests, then stops; returns when the port is free. */
    @Override
    public void close() {
        server.close();
    }
}
