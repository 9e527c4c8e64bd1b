package io.turnpike.telemetry;

import io.turnpike.telemetry.config.TelemetryConfig;
import java.net.InetSocketAddress;

/**
 * The telemetry application in one process: topics, stream threads, queries and the HTTP API, in the order in which they
 * start. Kafka may be away at any time: the process stays up and health says so.
 */
public final class TelemetryApp implements AutoCloseable {
    private TelemetryApp() {}

    /**
     * Starts everything that needs no Kafka and returns; the rest starts as soon as Kafka answers.
     *
     * @throws java.io.UncheckedIOException if the HTTP port is taken; the message names {@code http.port}
     */
    public static TelemetryApp start(TelemetryConfig config) {
        return new TelemetryApp();
    }

    /** Where the API listens. */
    public InetSocketAddress httpAddress() {
        return InetSocketAddress.createUnresolved("", 0);
    }

    /** Whether streams run, stores are restored, and queries are answered. */
    public boolean isReady() {
        return false;
    }

    /** Ends API, stream threads and clients in this order, within {@code streams.close-timeout} and a little. */
    @Override
    public void close() {}
}
