package io.turnpike.node;

import io.turnpike.node.config.InvalidConfigException;
import io.turnpike.node.config.TlsConfig;
import io.turnpike.node.ops.NodeMetric;
import io.turnpike.node.ops.NodeMetrics;
import io.turnpike.node.transport.StreamService;
import io.turnpike.node.transport.tls.Certificates;
import io.turnpike.node.transport.tls.InvalidCertificateException;
import io.turnpike.node.transport.tls.TlsService;
import java.util.Optional;
import java.util.function.Function;

/** TLS of a node that has a certificate, and what is told of it. */
final class NodeTls {
    private NodeTls() {}

    static Optional<TlsService> of(TlsConfig config, Function<String, Optional<String>> tenantOfServerName) {
        if (config.certificate().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TlsService(config, new Certificates(config), tenantOfServerName));
        } catch (InvalidCertificateException e) {
            throw new InvalidConfigException("tls.certificate: " + e.getMessage());
        }
    }

    static void bind(NodeMetrics metrics, StreamService streams) {
        metrics.observe(NodeMetric.STREAM_NEWCOMERS, () -> streams.newcomers().size());
        streams.tls().ifPresent(tls -> {
            Certificates certificates = tls.certificates();
            metrics.observe(NodeMetric.TLS_HANDSHAKES, () -> tls.handshakes().size());
            metrics.observe(NodeMetric.TLS_CERTIFICATE_EXPIRY, () -> certificates.expiresAt().getEpochSecond());
            metrics.observe(NodeMetric.TLS_CERTIFICATE_RELOADS, certificates::reloads, "success");
            metrics.observe(NodeMetric.TLS_CERTIFICATE_RELOADS, certificates::failures, "error");
        });
    }
}
