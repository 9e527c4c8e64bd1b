package io.turnpike.node;

import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.config.HostAndPort;
import io.turnpike.node.config.RelayConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the peer policy where the cluster's services are, so that no client reaches them through the relay. */
final class ClusterServices {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterServices.class);

    private ClusterServices() {}

    /** Denies the configured services and the brokers; before any client is served. */
    static void deny(PeerPolicy policy, RelayConfig config) {
        config.peers().services().forEach(service -> deny(policy, service));
        if (config.kafka().enabled()) {
            config.kafka().brokers().forEach(broker -> deny(policy, broker));
        }
    }

    /** Denies what this node itself has bound; listeners also under the addresses by which they are known outside. */
    static void denyBound(PeerPolicy policy, RelayConfig config, List<InetSocketAddress> listeners,
            InetSocketAddress admin) {
        policy.denyService(admin);
        listeners.forEach(policy::denyService);
        Stream.of(config.relay().advertisedIpv4(), config.relay().advertisedIpv6()).flatMap(Optional::stream)
                .map(RelayAddresses::address)
                .forEach(host -> listeners.forEach(
                        listener -> policy.denyService(new InetSocketAddress(host, listener.getPort()))));
    }

    private static void deny(PeerPolicy policy, HostAndPort service) {
        try {
            for (InetAddress address : InetAddress.getAllByName(service.host())) {
                policy.denyService(new InetSocketAddress(address, service.port()));
            }
        } catch (UnknownHostException e) {
            LOG.atWarn().addKeyValue("host", service.host())
                    .log("a service's name has no address now, so peers are not kept from it by address and port");
        }
    }
}
