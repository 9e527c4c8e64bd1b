package io.turnpike.node;

import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import io.turnpike.node.ops.NodeMetric;
import io.turnpike.node.ops.NodeMetrics;
import io.turnpike.node.transport.DtlsListening;
import io.turnpike.node.transport.dtls.DtlsServer;
import io.turnpike.node.transport.tls.Certificates;
import io.turnpike.node.turn.AnswerBudget;
import java.util.Optional;
import java.util.function.Function;

/** DTLS of a node that has a certificate and a listener for it. */
final class NodeDtls {
    private NodeDtls() {}

    static Optional<DtlsListening> of(RelayConfig config, Optional<Certificates> certificates,
            Function<String, Optional<String>> tenantOfServerName) {
        if (config.listeners().stream().noneMatch(listener -> speaksDtls(listener.transport()))) {
            return Optional.empty();
        }
        DtlsServer server = new DtlsServer(certificates.orElseThrow(), config.dtls(), config.tls().handshakeTimeout(),
                "dtls-" + config.node().id());
        return Optional.of(new DtlsListening(server, config.dtls(),
                new AnswerBudget(config.answers(), System::nanoTime), tenantOfServerName));
    }

    static void bind(NodeMetrics metrics, DtlsListening dtls) {
        metrics.observe(NodeMetric.DTLS_NEWCOMERS, dtls::associationsWithoutAllocation);
        metrics.observe(NodeMetric.DTLS_HANDSHAKES, dtls::handshakes);
    }

    private static boolean speaksDtls(ListenerTransport transport) {
        return transport == ListenerTransport.DTLS || transport == ListenerTransport.UDP_DTLS;
    }
}
