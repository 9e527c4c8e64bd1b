package io.turnpike.node.transport;

import io.turnpike.node.config.StreamConfig;
import io.turnpike.node.transport.tls.TlsService;
import java.util.Optional;

/**
 * What the TCP and TLS listeners of a node share.
 *
 * @param config how much a connection may hold, and for how long
 * @param connections the open ones
 * @param newcomers bounds the connections that have carried no allocation yet
 * @param unproxied bounds the connections whose PROXY header is awaited; they are all of the proxies' networks
 * @param tls how TLS is spoken, where a listener speaks it
 */
public record StreamService(StreamConfig config, Connections connections, NetworkCap newcomers, NetworkCap unproxied,
        Optional<TlsService> tls) {
    /** No connection is open yet. */
    public StreamService(StreamConfig config, Optional<TlsService> tls) {
        this(config, new Connections(), new NetworkCap(config.maxNewcomers(), config.maxNewcomersPerNetwork()),
                new NetworkCap(config.maxNewcomers(), config.maxNewcomers()), tls);
    }
}
