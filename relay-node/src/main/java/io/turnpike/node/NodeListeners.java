package io.turnpike.node;

import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.config.RelayConfig.ListenerConfig;
import io.turnpike.node.transport.Listener;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.node.transport.RelayLoops;
import io.turnpike.node.transport.TcpListener;
import io.turnpike.node.transport.UdpListener;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The open listeners of a node; no client may reach them as a peer. */
final class NodeListeners implements AutoCloseable {
    private final List<Listener> open = new ArrayList<>();

    NodeListeners(RelayLoops loops, NodePipelines pipelines, List<ListenerConfig> configured, PeerPolicy peerPolicy) {
        try {
            for (int i = 0; i < configured.size(); i++) {
                Listener listener = open(loops, pipelines, address("listeners[" + i + "]", configured.get(i)));
                open.add(listener);
                peerPolicy.denyService(listener.address().address());
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Listener open(RelayLoops loops, NodePipelines pipelines, ListenerAddress address) {
        if (address.proxyProtocol()) {
            throw unsupported(address, "proxy-protocol");
        }
        return switch (address.transport()) {
            case UDP -> UdpListener.open(loops, address, pipelines.messages());
            case TCP -> TcpListener.open(loops, address, pipelines.messages(), pipelines.connections());
            case TLS, TCP_TLS, DTLS, UDP_DTLS -> throw unsupported(address, address.transport().label());
        };
    }

    private static IllegalArgumentException unsupported(ListenerAddress address, String what) {
        return new IllegalArgumentException(address.key() + ": this build does not serve " + what);
    }

    private static ListenerAddress address(String key, ListenerConfig config) {
        return new ListenerAddress(key, config.transport(),
                new InetSocketAddress(RelayAddresses.address(config.host()), config.port()), config.proxyProtocol(),
                config.tenant());
    }

    List<ListenerAddress> addresses() {
        return open.stream().map(Listener::address).toList();
    }

    List<InetSocketAddress> bound() {
        return open.stream().map(listener -> listener.address().address()).toList();
    }

    @Override
    public void close() {
        open.forEach(Listener::close);
    }
}
