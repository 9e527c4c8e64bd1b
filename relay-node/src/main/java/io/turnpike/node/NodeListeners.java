package io.turnpike.node;

import io.turnpike.node.config.RelayConfig.AlternateAddress;
import io.turnpike.node.config.RelayConfig.ListenerConfig;
import io.turnpike.node.transport.DiscoverySockets;
import io.turnpike.node.transport.DtlsListening;
import io.turnpike.node.transport.Listener;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.node.transport.RelayLoops;
import io.turnpike.node.transport.TcpListener;
import io.turnpike.node.transport.UdpListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The open listeners of a node; no client may reach them as a peer. */
final class NodeListeners implements AutoCloseable {
    private final List<Listener> open = new ArrayList<>();
    /** What NAT behaviour discovery needs beside them: clients are not told of these, but find them in OTHER-ADDRESS. */
    private final List<Listener> alternates = new ArrayList<>();

    private final Optional<DtlsListening> dtls;

    NodeListeners(RelayLoops loops, NodePipelines pipelines, List<ListenerConfig> configured,
            ClusterServices cluster, Optional<DtlsListening> dtls) {
        this.dtls = dtls;
        try {
            for (int i = 0; i < configured.size(); i++) {
                ListenerAddress address = address("listeners[" + i + "]", configured.get(i));
                Optional<AlternateAddress> alternate = configured.get(i).alternate();
                if (alternate.isPresent()) {
                    openFour(loops, pipelines, address, alternate.get());
                } else {
                    openEach(loops, pipelines, address,
                            ListenerHosts.of(configured.get(i), configured, ClusterServices.machineAddresses()));
                }
            }
            bound().forEach(cluster::addListener);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** All on one port: where it is 0, on the one that the first is given. */
    private void openEach(RelayLoops loops, NodePipelines pipelines, ListenerAddress address,
            List<InetAddress> hosts) {
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException(
                    address.key() + ".host: this machine has no address that the wildcard stands for");
        }
        int port = address.address().getPort();
        for (InetAddress host : hosts) {
            Listener listener = open(loops, pipelines, at(address, host, port));
            open.add(listener);
            port = listener.address().address().getPort();
        }
    }

    private Listener open(RelayLoops loops, NodePipelines pipelines, ListenerAddress address) {
        return switch (address.transport()) {
            case UDP -> UdpListener.open(loops, address, pipelines.messages(), Optional.empty());
            case DTLS, UDP_DTLS -> UdpListener.open(loops, address, pipelines.messages(), dtls);
            case TCP, TLS, TCP_TLS -> TcpListener.open(loops, address, pipelines.messages(), pipelines.streams());
        };
    }

    /** RFC 5780 section 6: two addresses by two ports. */
    private void openFour(RelayLoops loops, NodePipelines pipelines, ListenerAddress address,
            AlternateAddress alternate) {
        DiscoverySockets sockets = new DiscoverySockets(loops.all().size());
        Listener primary = UdpListener.open(loops, address, pipelines.messages(),
                sockets.place(false, false));
        open.add(primary);
        InetAddress host = primary.address().address().getAddress();
        InetAddress otherHost = RelayAddresses.address(alternate.host());
        int port = primary.address().address().getPort();
        Listener second = UdpListener.open(loops, at(address, host, alternate.port()), pipelines.messages(),
                sockets.place(false, true));
        alternates.add(second);
        alternates.add(UdpListener.open(loops, at(address, otherHost, port), pipelines.messages(),
                sockets.place(true, false)));
        alternates.add(UdpListener.open(loops, at(address, otherHost, second.address().address().getPort()),
                pipelines.messages(), sockets.place(true, true)));
    }

    private static ListenerAddress at(ListenerAddress listener, InetAddress host, int port) {
        return new ListenerAddress(listener.key(), listener.transport(), new InetSocketAddress(host, port),
                listener.proxyProtocol(), listener.proxyProtocolFrom(), listener.tenant());
    }

    private static ListenerAddress address(String key, ListenerConfig config) {
        return new ListenerAddress(key, config.transport(),
                new InetSocketAddress(RelayAddresses.address(config.host()), config.port()), config.proxyProtocol(),
                config.proxyProtocolFrom(), config.tenant());
    }

    List<ListenerAddress> addresses() {
        return open.stream().map(Listener::address).toList();
    }

    List<InetSocketAddress> bound() {
        return Stream.concat(open.stream(), alternates.stream()).map(listener -> listener.address().address()).toList();
    }

    @Override
    public void close() {
        open.forEach(Listener::close);
        alternates.forEach(Listener::close);
    }
}
