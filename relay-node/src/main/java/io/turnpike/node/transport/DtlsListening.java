package io.turnpike.node.transport;

import io.turnpike.node.config.DtlsConfig;
import io.turnpike.node.transport.dtls.DtlsServer;
import io.turnpike.node.turn.AnswerBudget;
import java.util.Optional;
import java.util.function.Function;

/** What the DTLS listeners of a node share; everything in it is thread-safe. */
public final class DtlsListening implements AutoCloseable {
    private final DtlsServer server;
    private final DtlsConfig config;
    private final AnswerBudget answers;
    private final Function<String, Optional<String>> tenants;
    private final NetworkCap newcomers;

    /**
     * @param server makes sessions; closed with this
     * @param config bounds of associations
     * @param answers bounds the HelloVerifyRequests; DTLS has a budget of its own
     * @param tenants the tenant of a server name, if it has one
     */
    public DtlsListening(DtlsServer server, DtlsConfig config, AnswerBudget answers,
            Function<String, Optional<String>> tenants) {
        this.server = server;
        this.config = config;
        this.answers = answers;
        this.tenants = tenants;
        newcomers = new NetworkCap(config.maxNewcomers(), config.maxNewcomersPerNetwork());
    }

    DtlsServer server() {
        return server;
    }

    DtlsConfig config() {
        return config;
    }

    AnswerBudget answers() {
        return answers;
    }

    Function<String, Optional<String>> tenants() {
        return tenants;
    }

    NetworkCap newcomers() {
        return newcomers;
    }

    /** Associations that have carried no allocation yet, handshakes among them. */
    public int associationsWithoutAllocation() {
        return newcomers.size();
    }

    /** Handshakes in progress. */
    public int handshakes() {
        return server.handshakes();
    }

    @Override
    public void close() {
        server.close();
    }
}
